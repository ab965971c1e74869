"""Every argument of every layer with values that it is not made for: refused, or harmless.

A configuration of Keras (`class_name`) never reaches Keras, a path is never opened, the name of a
function never becomes the function.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import pytest

from modelforge.build.objects import make
from modelforge.catalog import Argument, Word, load_catalog
from modelforge.document import parse
from modelforge.document.write import to_line
from modelforge.findings import Findings, Refused, Source
from modelforge.schema import check
from modelforge.spec import read_spec
from tests.conformance.examples import minimal_arguments

CANARY = "/etc/hostname"
CONFIGURATION = {"class_name": "StringLookup", "config": {"vocabulary": CANARY}}
GADGET = {"module": "builtins", "class_name": "eval", "config": "1", "registered_name": None}
VALUES: dict[str, Any] = {
    "dict": CONFIGURATION,
    "gadget": GADGET,
    "wrapped dict": {"x": CONFIGURATION},
    "list": [CONFIGURATION],
    "path": CANARY,
    "callable": "os.system",
    "keras function": "keras.utils.get_file",
    "huge": 2**53,
    "large number": 1e308,
    "bool": True,
    "text": "x" * 5_000,
}
WORDS = [w for w in load_catalog().words("layer").values() if not w.refused]
REFUSED = [w for w in load_catalog().words("layer").values() if w.refused]

_watched: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched is not None and event in ("open", "os.system", "subprocess.Popen", "exec"):
        told = str(arguments[0]) if arguments else ""
        if event != "exec" and (event != "open" or CANARY in told):
            _watched.append(f"{event} {told}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """What is opened or run meanwhile, as far as it must not be."""
    global _watched
    if not _watched_once:
        sys.addaudithook(_hook)
        _watched_once.append(True)
    _watched = []
    try:
        yield _watched
    finally:
        _watched = None


_watched_once: list[bool] = []


def layers_of(word: Word, argument: Argument, names: list[str]) -> str:
    """A spec with a layer on each line, from the third on."""
    needed = minimal_arguments(word)
    layers = [{word.name: {**needed, argument.name: VALUES[name]}} for name in names]
    return "model:\n  layers:\n" + "".join(f"    - {to_line(layer)}\n" for layer in layers)


@pytest.mark.slow
@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_no_argument_lets_anything_through(word: Word) -> None:
    catalog = load_catalog()
    for argument in word.arguments:
        with watched() as seen:
            blamed = _blamed(layers_of(word, argument, [*VALUES]))
            taken = [name for number, name in enumerate(VALUES) if number not in blamed]
            root = parse(Source("s.yaml", layers_of(word, argument, taken)), Findings())
            assert root is not None
            if taken and check(root, catalog, Findings()):
                layers = read_spec(root, catalog).model.layers
                for name, layer in zip(taken, layers, strict=True):
                    _build(layer.object, word, name)
        assert not seen, (word.name, argument.name, seen)


def _blamed(text: str) -> set[int]:
    """Which of the layers are refused, by number."""
    findings = Findings()
    root = parse(Source("s.yaml", text), findings)
    assert root is not None
    check(root, load_catalog(), findings)
    assert all(finding.span is not None for finding in findings)
    return {finding.span.line - 3 for finding in findings if finding.span is not None}


def _build(wanted: Any, word: Word, value: str) -> None:
    try:
        made = make(wanted)
    except Refused as refused:
        assert refused.findings[0].span is not None
        return
    assert value not in ("dict", "gadget"), f"{word.name} took a configuration of Keras"
    assert type(made) is getattr(keras.layers, word.name)
    inside = [type(item).__name__ for item in vars(made).values()]
    assert "StringLookup" not in inside or word.name in ("StringLookup", "TextVectorization")


@pytest.mark.parametrize("literal", [".nan", ".inf", "1e999", "!!binary aGk=", "9" * 400])
def test_what_no_argument_takes(literal: str) -> None:
    for word in WORDS[::7]:
        findings = Findings()
        text = f"model: {{layers: [{{{word.name}: {{{word.arguments[0].name}: {literal}}}}}]}}\n"
        root = parse(Source("s.yaml", text), findings)
        if root is not None:
            check(root, load_catalog(), findings)
        assert findings.errors and all(finding.span is not None for finding in findings)


@pytest.mark.parametrize("word", REFUSED, ids=lambda word: word.name)
def test_words_that_run_code(word: Word) -> None:
    findings = Findings()
    root = parse(Source("s.yaml", f"model: {{layers: [{word.name}: {{}}]}}\n"), findings)
    assert root is not None
    check(root, load_catalog(), findings)
    assert "refused-word" in {finding.rule for finding in findings}
