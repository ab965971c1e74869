"""What docs/resume.md shows can be written as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from modelforge.cli.train import command
from modelforge.findings import Findings
from modelforge.graph import load

PAGE = (Path(__file__).parents[2] / "docs" / "resume.md").read_text(encoding="utf-8")
SPEC = Path(__file__).parents[2] / "specs" / "iris-mlp.yaml"
BLOCKS = re.findall(r"^```yaml\ntrain:\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = re.findall(r"^\$ modelforge train (.*?)(?: +#.*)?$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_piece_of_a_spec_is_valid(block: str, tmp_path: Path) -> None:
    text = SPEC.read_text(encoding="utf-8")
    path = tmp_path / "spec.yaml"
    path.write_text(re.sub(r"^train:\n", f"train:\n{block}", text, flags=re.M), encoding="utf-8")
    findings = Findings()
    assert load(str(path), [], findings) is not None, list(findings)
    assert len(BLOCKS) == 2


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_has_these_options(line: str) -> None:
    context = command.make_context("train", shlex.split(line))
    assert context.params["resume"] == "latest"
    assert len(COMMANDS) == 5
