"""The schema that editors get knows composition as it is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from modelforge.catalog import load_catalog
from modelforge.document import parse, plain, read_document
from modelforge.findings import Findings, Source
from modelforge.schema import json_schema

REPOSITORY = Path(__file__).parent.parent.parent
SPECS = sorted((REPOSITORY / "specs").glob("*.yaml"))
EXAMPLES = [
    text
    for text in re.findall(
        r"^```yaml\n(.*?)^```",
        (REPOSITORY / "docs" / "language.md").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    if "model:" in text
]


@pytest.fixture(scope="module")
def editor() -> Draft7Validator:
    return Draft7Validator(json_schema(load_catalog()))


def errors(editor: Draft7Validator, text: str) -> list[str]:
    root = parse(Source("spec.yaml", text), Findings())
    assert root is not None
    return [error.message[:120] for error in editor.iter_errors(plain(root))]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_gallery_is_right_as_it_is_written(editor: Draft7Validator, path: Path) -> None:
    root = read_document(str(path), Findings())
    assert root is not None
    assert [error.message[:120] for error in editor.iter_errors(plain(root))] == []


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_reference_is_right_as_it_is_written(editor: Draft7Validator, text: str) -> None:
    assert errors(editor, text) == []


SPEC = "blocks: {{b: {blocks}}}\nmodel:\n  defaults: {defaults}\n  layers:\n    - {item}\n"


@pytest.mark.parametrize(
    "wrong",
    [
        {"blocks": "{layers: [Dens]}"},
        {"blocks": "{layers: [b], parms: {}}"},
        {"blocks": "{params: {}}"},
        {"defaults": "{Dense: {unit: 3}}"},
        {"defaults": "{Dens: {}}"},
        {"item": "{parallel: [[Dens]], merge: Add}"},
        {"item": "{parallel: [[b]], merge: Dense}"},
        {"item": "{model: {layers: [Dens]}}"},
        {"item": "{b: 3, repeat: -1}"},
        {"item": "{use: 3}"},
    ],
    ids=str,
)
def test_what_an_editor_blames(editor: Draft7Validator, wrong: dict[str, Any]) -> None:
    right = {"blocks": "{layers: [ReLU]}", "defaults": "{Dense: {use_bias: true}}", "item": "b"}
    assert errors(editor, SPEC.format(**right)) == []
    assert len(errors(editor, SPEC.format(**{**right, **wrong}))) == 1
