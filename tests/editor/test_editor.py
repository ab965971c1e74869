"""Completion, documentation and diagnostics, as the real yaml-language-server gives them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from editor.cases import (
    ACCEPTED,
    BLAMES,
    BLOCKS,
    COMPLETIONS,
    HOVERS,
    Accepted,
    Blame,
    Completion,
    Hover,
)
from editor.server import CURSOR, Server
from modelforge.cli.main import run

REPOSITORY = Path(__file__).parent.parent.parent
PAGE = REPOSITORY / "docs" / "editors.md"
SPECS = sorted([*REPOSITORY.glob("specs/*.yaml"), *REPOSITORY.glob("examples/*/*.yaml")])
INVALID = sorted((REPOSITORY / "tests" / "invalid" / "schema").glob("*.yaml"))
# What only `validate` can tell: it reads more than one place of the spec at once.
UNSEEN = {
    "name-twice": "inside the layer's arguments and beside its word, each allowed alone",
    "object-from-data": "a `${...}` may be an object, if it comes from `vars`",
}

pytestmark = pytest.mark.editor


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An editor in a project into which the schema has been installed, with a plugin's words."""
    folder = tmp_path_factory.mktemp("project")
    plugin = REPOSITORY / "examples" / "plugins" / "my_layers.py"
    (folder / "blocks.yaml").write_text(BLOCKS, encoding="utf-8")
    arguments = [str(folder / "blocks.yaml"), "--install", str(folder)]
    arguments += ["--plugins", str(plugin), "--trust-plugins"]
    assert run(["schema", *arguments]) == 0
    settings = json.loads((folder / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    server = Server(folder, {"schemas": settings["yaml.schemas"]})
    yield server
    server.stop()


def without_modeline(path: Path) -> str:
    """A spec that finds the schema by its file's name."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"^# yaml-language-server:.*", "#", text, flags=re.MULTILINE)


@pytest.mark.parametrize("case", COMPLETIONS, ids=lambda case: case.what)
def test_offers(case: Completion, server: Server) -> None:
    offered = server.completions(case.text)
    assert set(case.offers) <= offered.keys()
    assert not set(case.not_offers) & offered.keys()


def test_a_layer_comes_with_what_it_needs(server: Server) -> None:
    text = "model:\n  layers:\n    - " + CURSOR + "\n"
    assert server.completions(text)["Conv2D"]["insertText"].startswith("Conv2D:\n    filters: $")


@pytest.mark.parametrize("case", HOVERS, ids=lambda case: case.what)
def test_documents(case: Hover, server: Server) -> None:
    assert case.shows in server.hover(case.text)


@pytest.mark.parametrize("case", BLAMES, ids=lambda case: case.what)
def test_blames(case: Blame, server: Server) -> None:
    line = case.text[: case.text.index("!")].count("\n") + 1
    problems = server.problems(case.text.replace("  !", ""))
    assert any(
        (found.line, found.text) == (line, case.underlined) and case.message in found.message
        for found in problems
    ), problems


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.what)
def test_accepts(case: Accepted, server: Server) -> None:
    assert server.problems(case.text) == []


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_open_without_a_problem(path: Path, server: Server) -> None:
    assert server.problems(without_modeline(path)) == []


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_specs_have_one(path: Path, server: Server) -> None:
    assert bool(server.problems(without_modeline(path))) == (path.stem not in UNSEEN)


def test_the_modeline_is_enough(server: Server) -> None:
    text = "{}modle: 3\n"
    assert not server.problems(text.format(""), "other-{}.yaml")
    line = "# yaml-language-server: $schema=.modelforge/schema.json\n"
    assert server.problems(text.format(line), "other-{}.yaml")


def test_there_are_enough_cases() -> None:
    assert len(COMPLETIONS) + len(HOVERS) + len(BLAMES) + len(ACCEPTED) >= 25


def test_the_table_of_the_guide_is_the_table_of_the_tests() -> None:
    rows = [
        *(("offers", case.what, _quoted(case.offers)) for case in COMPLETIONS),
        *(("documents", case.what, "") for case in HOVERS),
        *(("blames", case.what, f"`{case.underlined}`") for case in BLAMES),
        *(("accepts", case.what, "") for case in ACCEPTED),
    ]
    table = "| | what | for example |\n|---|---|---|\n"
    table += "".join(f"| {does} | {what} | {example} |\n" for does, what, example in rows)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- cases -->\n")
    _, _, after = rest.partition("<!-- end of cases -->")
    page = f"{before}<!-- cases -->\n{table}<!-- end of cases -->{after}"
    if os.environ.get("MODELFORGE_UPDATE"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
