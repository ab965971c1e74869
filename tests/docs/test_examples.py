"""Every spec in the README and the guides validates, and every link in them leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelforge.document import parse
from modelforge.findings import Findings, Source
from modelforge.findings.text import render
from modelforge.graph import load, understand

REPOSITORY = Path(__file__).parent.parent.parent
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])


def examples() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            # What needs a plugin has a test of its own, which runs it.
            if re.search(r"^model:", match[1], re.MULTILINE) and "plugins:" not in match[1]:
                line = text[: match.start()].count("\n") + 1
                yield f"{page.name}:{line}", match[1]


EXAMPLES = dict(examples())


def files() -> Iterator[tuple[Path, str, str]]:
    """Examples that begin with a comment of their file's name stand for that file."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(
            r"^```yaml\n# (\S+\.yaml)\n(.*?)^```", text, re.DOTALL | re.MULTILINE
        ):
            yield page, match[1], match[2]


FILES = list(files())


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_validates(name: str) -> None:
    findings = Findings()
    root = parse(Source(name, EXAMPLES[name]), findings)
    loaded = root and understand(root, [], findings)
    assert loaded, render(findings)


@pytest.mark.parametrize(("page", "name"), [file[:2] for file in FILES], ids=str)
def test_file_validates_beside_the_others_of_its_page(
    page: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for other, file, text in FILES:
        if other == page:
            (tmp_path / file).write_text(text, encoding="utf-8")
    findings = Findings()
    assert load(name, [], findings), render(findings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_into_a_page_lead_to_a_heading(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?://)([^)#]*)#([^)]+)\)", text):
        other = page.parent / target if target else page
        assert anchor in anchors(other), f"{page.name} links to {target}#{anchor}"


def test_the_readme_names_every_guide() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8").partition("## Learn more")[2]
    for page in REPOSITORY.glob("docs/*.md"):
        assert f"](docs/{page.name})" in text


def test_the_readme_shows_what_validate_finds(tmp_path: Path) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("$ modelforge validate specs/digits.yaml\n")[2].partition("  note:")[0]
    spec = (REPOSITORY / "specs" / "digits.yaml").read_text(encoding="utf-8")
    path = tmp_path / "digits.yaml"
    path.write_text(spec.replace("{filters: 32", "{filtres: 32", 1), encoding="utf-8")
    findings = Findings()
    load(str(path), [], findings)
    assert render(findings).replace(str(path), "specs/digits.yaml").startswith(shown)
    assert shown.count("\n") == 3
