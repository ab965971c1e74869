"""The code in docs/runs.md does what the page says, on the spec of the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelforge.cli.main import run

PAGE = (Path(__file__).parents[2] / "docs" / "runs.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The only block of code in this language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the page's spec."""
    root = tmp_path_factory.mktemp("page")
    lines = ["legs,skin,body weight,animal"]
    for i in range(40):
        lines += [
            f"4,fur,{20 + i % 9},dog",
            f"2,feathers,{3 + i % 4},hen",
            f"8,hair,{i % 3},spider",
        ]
    (root / "animals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "animals.yaml").write_text(block("yaml"), encoding="utf-8")
    assert run(["train", str(root / "animals.yaml"), "-q", "--run", str(root / "run")]) == 0
    return root / "run"


def test_the_saved_model_answers_as_the_page_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    exec(compile(block("python"), "docs/runs.md", "exec"), {})
    assert capsys.readouterr().out.splitlines()[-1] == "['dog', 'hen']"


def test_every_file_of_the_run_folder_is_on_the_page(folder: Path) -> None:
    assert run(["evaluate", str(folder)]) == 0
    missing = [entry.name for entry in folder.iterdir() if f"`{entry.name}" not in PAGE]
    assert missing == []


def test_every_finding_about_data_is_on_the_page() -> None:
    root = Path(__file__).parents[2]
    page = (root / "docs" / "data.md").read_text(encoding="utf-8")
    rules = set()
    for source in (root / "modelforge" / "data").rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        calls = r"(?:findings|request)\.(?:error|warning)\(\s*\"([a-z0-9-]+)\""
        rules |= set(re.findall(calls, text))
    rules |= set(
        re.findall(r"tell\(\s*\"([a-z0-9-]+)\"", (root / "modelforge/sniff/table.py").read_text())
    )
    assert len(rules) > 40
    assert sorted(rule for rule in rules if f"`{rule}`" not in page) == []
