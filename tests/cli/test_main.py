"""The command line as a user meets it: verbs, exit codes, and where output goes."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result

from modelforge.cli import main

Run = Callable[..., Result]


@pytest.mark.parametrize("verb", main.VERBS)
def test_every_verb_has_a_command_with_help(verb: str, modelforge_command: Run) -> None:
    module = importlib.import_module(f"modelforge.cli.{verb}")
    assert isinstance(module.command, click.Command)
    assert module.command.name == verb
    done = modelforge_command(verb, "--help")
    assert done.exit_code == 0
    assert f"modelforge {verb}" in done.stdout


def test_help_lists_every_verb(modelforge_command: Run) -> None:
    done = modelforge_command("--help")
    assert done.exit_code == 0
    for verb in main.VERBS:
        assert f"  {verb}" in done.stdout


def test_an_unknown_verb_is_wrong_usage(modelforge_command: Run) -> None:
    done = modelforge_command("valdate", "x.yaml")
    assert done.exit_code == 2
    assert "Did you mean `validate`?" in done.stderr


def test_an_unknown_option_is_wrong_usage(modelforge_command: Run) -> None:
    assert modelforge_command("validate", "--jsn", "x.yaml").exit_code == 2


def test_a_defect_leaves_a_file(
    modelforge_command: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the roof leaks")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("modelforge.graph.load", broken)
    done = modelforge_command("validate", "x.yaml")
    assert done.exit_code == 3
    assert "error[defect]" in done.stderr
    assert "Traceback" not in done.stderr
    (report,) = tmp_path.glob("modelforge-defect-*.txt")
    text = report.read_text(encoding="utf-8")
    assert "RuntimeError: the roof leaks" in text
    assert "keras 3." in text


def test_colour_obeys_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert main.colored(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not main.colored(Terminal())
