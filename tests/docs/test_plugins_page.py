"""The plugin and the spec of docs/plugins.md do what the page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

PAGE = (Path(__file__).parent.parent.parent / "docs" / "plugins.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def test_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modelforge_command: Callable[..., Result]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my_layers.py").write_text(block("python"), encoding="utf-8")
    Path("spec.yaml").write_text(block("yaml"), encoding="utf-8")
    refused, _, _ = block("console").partition("$ modelforge validate spec.yaml --trust-plugins")
    assert modelforge_command("validate", "spec.yaml").stdout.rstrip() in refused
    valid = modelforge_command("validate", "spec.yaml", "--trust-plugins")
    assert (valid.exit_code, valid.stderr) == (0, "the spec is valid\n")
    told = modelforge_command("explain", "Scaled", "--plugins", "my_layers.py", "--trust-plugins")
    assert "initial: number; default 1.0" in told.stdout
    assert "share: one or each" in told.stdout
    shown = modelforge_command("show", "spec.yaml", "--trust-plugins")
    assert "2 layers, 19 parameters" in shown.stdout
