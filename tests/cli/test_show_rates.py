"""Learning rates by layer, as `show` and a run tell them, and as the page has it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

PAGE = Path(__file__).parents[2] / "docs" / "finetuning.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("\n## Rates by layer\n")[2]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """The spec of the page."""
    found = re.search(r"```yaml\n(# rates\.yaml\n.*?)```", SECTION, re.DOTALL)
    assert found is not None
    path = tmp_path / "rates.yaml"
    path.write_text(found[1], encoding="utf-8")
    return path


def told() -> list[str]:
    """The lines of the page below `learning rates:`."""
    block = SECTION.partition("```text\n")[2].partition("```")[0]
    return [line.strip() for line in block.splitlines()[1:]]


def test_as_the_page_shows_it_without_tensorflow(
    spec: Path, shown_without_tensorflow: Callable[[Path], str]
) -> None:
    found = shown_without_tensorflow(spec)
    lines = [f"  {line}\n" for line in told()]
    assert len(lines) == 2
    assert found.endswith("\nlearning rates:\n" + "".join(lines))


def test_json(modelforge_command: Run, spec: Path) -> None:
    rows = json.loads(modelforge_command("show", str(spec), "--json").stdout)
    inner = {row["name"]: row.get("learning_rate_multiplier") for row in rows[0]["layers"]}
    assert inner == {
        "reshape": None,
        "conv1": pytest.approx(0.81),
        "batch_normalization": pytest.approx(0.81),
        "re_lu": None,
        "conv2": pytest.approx(0.9),
        "global_average_pooling2d": None,
    }
    assert rows[1]["learning_rate_multiplier"] == 2
    assert "learning_rate_multiplier" not in rows[0]


def test_phases(modelforge_command: Run, spec: Path) -> None:
    phases = (
        "train.phases=[{name: head, freeze: backbone, layer_decay: 1, "
        "learning_rate_multipliers: {}}, {name: all}]"
    )
    text = modelforge_command("show", str(spec), "--set", phases).stdout
    assert (
        "\nlearning rates in the phase `head`:\n  the same for all layers\n"
        "\nlearning rates in the phase `all`:\n  backbone: 0.81 to 0.9 times"
    ) in text
    rows = json.loads(modelforge_command("show", str(spec), "--json", "--set", phases).stdout)
    assert rows[1]["learning_rate_multiplier"] == {"all": 2.0}


def test_what_is_resolved_says_it_again(modelforge_command: Run, spec: Path) -> None:
    phases = (
        "train.phases=[{name: head, learning_rate_multipliers: {}}, {name: all, layer_decay: 0.5}]"
    )
    text = modelforge_command("show", str(spec), "--resolved", "--set", phases).stdout
    assert "  learning_rate_multipliers:\n    head: 2\n  layer_decay: 0.9\n" in text
    assert "learning_rate_multipliers: {}" in text and "layer_decay: 0.5" in text
    again = spec.with_name("again.yaml")
    again.write_text(text, encoding="utf-8")
    assert modelforge_command("show", str(again), "--resolved").stdout == text


def test_nothing_is_said_where_nothing_is_asked(modelforge_command: Run, spec: Path) -> None:
    text = re.sub(r"  layer_decay.*\n|  learning_rate_multipliers.*\n", "", spec.read_text())
    spec.write_text(text, encoding="utf-8")
    assert "learning rates" not in modelforge_command("show", str(spec)).stdout
    assert "multiplier" not in modelforge_command("show", str(spec), "--json").stdout


def test_a_run_says_it_before_its_first_epoch(modelforge_command: Run, spec: Path) -> None:
    done = modelforge_command("train", str(spec), "--runs", str(spec.parent / "runs"))
    assert done.exit_code == 0, done.stderr
    lines = done.stderr.splitlines()
    place = lines.index(told()[0])
    assert lines[place + 1] == told()[1] and lines[place + 2].startswith("epoch 1/1")
