"""The worked project `examples/finetune`: each command of its README, and what it says."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

EXAMPLE = Path(__file__).parents[2] / "examples" / "finetune"
README = (EXAMPLE / "README.md").read_text(encoding="utf-8")
Run = Callable[..., Result]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1400)]


def commands() -> list[str]:
    """Those of the five steps; the newcomer's folder of photographs is not in the repository."""
    steps = README.split("\n## ")[0]
    return re.findall(r"^\$ (.*)$", steps, re.MULTILINE)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command prints, all of them run in a copy of the example.

    The comparisons of step 4 are run for two epochs: they show that they run, not how well.
    """
    folder = tmp_path_factory.mktemp("example") / "finetune"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("images", "pretrained", "tuned"))
    found = {}
    for command in commands():
        program, *arguments = shlex.split(command)
        line = [sys.executable, *(["-m", "modelforge"] if program == "modelforge" else [])]
        if "train.seed=1" in arguments:
            arguments += ["--set", "train.epochs=2"] if "scratch" in arguments else SHORT
        done = subprocess.run(
            [*line, *arguments], cwd=folder, capture_output=True, check=False, encoding="utf-8"
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        found[command] = done.stdout + done.stderr
    return found


SHORT = ["--set", "train.phases.head.epochs=1", "--set", "train.phases.finetune.epochs=1"]


def output(outputs: dict[str, str], start: str) -> str:
    (command,) = (it for it in outputs if it.startswith(start))
    return outputs[command]


def shown(start: str) -> str:
    """What the README shows below a command."""
    (found,) = re.findall(rf"^\$ {re.escape(start)}.*\n((?:(?!\$|```).*\n)*)", README, re.MULTILINE)
    return str(found)


def accuracy(printed: str) -> float:
    (found,) = re.findall(r"^  sparse_categorical_accuracy +([\d.]+)$", printed, re.MULTILINE)
    return float(found)


def test_the_pictures_are_as_many_as_told(outputs: dict[str, str]) -> None:
    assert output(outputs, "python make_images.py") == shown("python make_images.py")


def test_what_is_frozen_is_shown(outputs: dict[str, str]) -> None:
    assert shown("modelforge show") in output(outputs, "modelforge show")


def test_both_phases_run(outputs: dict[str, str]) -> None:
    printed = output(outputs, "modelforge train finetune.yaml --run tuned")
    assert "\nphase head: 30 epochs from epoch 1\n" in printed
    assert re.search(r"\nphase finetune: 90 epochs from epoch \d+; weights of epoch", printed)
    assert "(SavedModel, " in printed


@pytest.mark.parametrize(("run", "least"), [("pretrained", 0.94), ("tuned", 0.68)])
def test_the_accuracy_is_near_what_is_told(outputs: dict[str, str], run: str, least: float) -> None:
    command = f"modelforge evaluate {run} --on test"
    measured = accuracy(output(outputs, command))
    assert measured >= least
    assert abs(measured - accuracy(shown(command))) < 0.06


def test_predict_and_the_saved_model_say_the_same(outputs: dict[str, str]) -> None:
    printed = output(outputs, "modelforge predict")
    predicted = re.findall(r"^\S+\.png,(\w+),([\d.]+)$", printed, re.MULTILINE)
    assert len(predicted) == 2
    answer = output(outputs, "python ask.py")
    (label, score) = re.findall(r"020-0\.png: (\w+) ([\d.]+)%", answer)[0]
    assert label == predicted[0][0]
    assert float(score) == pytest.approx(100 * float(predicted[0][1]), abs=0.06)


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    names = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert names == ["pictures.png", "report.png"]
    assert sum((EXAMPLE / name).stat().st_size for name in names) < 150 * 1024
