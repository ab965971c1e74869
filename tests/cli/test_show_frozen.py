"""What is frozen, as `show` and a run tell it, with and without Keras."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

PAGE = Path(__file__).parents[2] / "docs" / "finetuning.md"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """The spec of the page."""
    found = re.search(r"```yaml\n(# frozen\.yaml\n.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    path = tmp_path / "frozen.yaml"
    path.write_text(found[1], encoding="utf-8")
    return path


def shown(text: str) -> str:
    return text.partition("\nfrozen")[2]


def test_as_the_page_shows_it_without_tensorflow(
    spec: Path, shown_without_tensorflow: Callable[[Path], str]
) -> None:
    found = shown_without_tensorflow(spec)
    block = PAGE.read_text().partition("```text\n")[2].partition("```")[0]
    assert found.endswith("\n" + block)
    assert "2,698 parameters, 2,490 of them trainable" in found.replace("\n", " ")


@pytest.mark.parametrize(
    ("freeze", "mode"),
    [
        ("backbone", "auto"),
        ("{layers: backbone, except: conv2}", "auto"),
        ("BatchNormalization", "train"),
        ("{first: 0.5}", "inference"),
        ("{until: backbone/conv1}", "inference"),
        ("[]", "inference"),
    ],
)
def test_keras_counts_the_same(freeze: str, mode: str, spec: Path) -> None:
    from modelforge.build import build_model
    from modelforge.build.freezing import frozen_by_phase
    from modelforge.build.table import layer_table
    from modelforge.cli.freezing import foreseen, marked
    from modelforge.data.bundle import Tensor
    from modelforge.findings import Findings
    from modelforge.graph import load
    from modelforge.graph.shapes.rows import rows

    findings = Findings()
    overrides = [f"train.freeze={freeze}", f"train.batch_norm={mode}"]
    loaded = load(str(spec), overrides, findings)
    assert loaded is not None and loaded.spec.train is not None
    told = foreseen(loaded)
    model = build_model(loaded.graph, {"image": Tensor((8, 8), "float32")}, "m")
    by_phase = frozen_by_phase(model, loaded.graph, loaded.spec.train)
    assert told == by_phase
    known = rows(loaded.graph, loaded.known)
    assert known is not None
    table = marked(layer_table(model, loaded.graph), by_phase)
    numbers = [[(row["trainable"], row["frozen"]) for row in each["layers"]] for each in table[:1]]
    expected = marked(known, told)
    assert numbers == [
        [(row["trainable"], row["frozen"]) for row in each["layers"]] for each in expected[:1]
    ]
    assert [row["trainable"] for row in table] == [row["trainable"] for row in expected]


def test_json(modelforge_command: Run, spec: Path) -> None:
    rows = json.loads(modelforge_command("show", str(spec), "--json").stdout)
    assert [(row["name"], row["trainable"], row["frozen"]) for row in rows] == [
        ("backbone", 2320, 208),
        ("head", 170, 0),
    ]
    assert {row["name"]: row["frozen"] for row in rows[0]["layers"] if row["parameters"]} == {
        "conv1": 144,
        "batch_normalization": 64,
        "conv2": 0,
    }


def test_phases(modelforge_command: Run, spec: Path) -> None:
    phases = "train.phases=[{name: head, freeze: backbone}, {name: all, freeze: []}]"
    text = modelforge_command("show", str(spec), "--set", phases).stdout
    assert "170 of them trainable" in text
    assert text.endswith(
        "\nfrozen in the phase `head`:\n"
        "  backbone: 3 of 3 layers with weights, 2,528 parameters frozen\n"
        "\nfrozen in the phase `all`:\n  nothing\n"
    )
    rows = json.loads(modelforge_command("show", str(spec), "--json", "--set", phases).stdout)
    assert rows[0]["frozen"] == {"head": 2528, "all": 0}


def test_gradual_thawing(modelforge_command: Run, spec: Path) -> None:
    spec.write_text(re.sub(r"  freeze: .*\n", "", spec.read_text()), encoding="utf-8")
    more = ("--set", "train.epochs=4", "--set", "train.thaw={layers: backbone, parts: 2}")
    text = modelforge_command("show", str(spec), *more).stdout
    assert text.endswith(
        "\nfrozen in the phase `thaw-0`:\n"
        "  backbone: 3 of 3 layers with weights, 2,528 parameters frozen\n"
        "\nfrozen in the phase `thaw-1`:\n"
        "  backbone: 2 of 3 layers with weights, 208 parameters frozen\n"
        "\nfrozen in the phase `thaw-2`:\n  nothing\n"
    )
    rows = json.loads(modelforge_command("show", str(spec), "--json", *more).stdout)
    assert rows[0]["frozen"] == {"thaw-0": 2528, "thaw-1": 208, "thaw-2": 0}
    told = modelforge_command("explain", "train.thaw").stdout
    assert "How many parts of equal numbers of layers, thawed from the outputs down" in told


def test_nothing_is_said_where_nothing_is_asked(modelforge_command: Run, spec: Path) -> None:
    spec.write_text(re.sub(r"  freeze: .*\n", "", spec.read_text()), encoding="utf-8")
    found = modelforge_command("show", str(spec))
    assert "frozen:" not in found.stdout
    assert '"frozen"' not in modelforge_command("show", str(spec), "--json").stdout


def test_a_run_says_it_before_its_first_epoch(modelforge_command: Run, spec: Path) -> None:
    done = modelforge_command("train", str(spec), "--runs", str(spec.parent / "runs"))
    assert done.exit_code == 0
    lines = done.stderr.splitlines()
    place = lines.index("backbone: 2 of 3 layers with weights, 208 parameters frozen")
    assert [line for line in lines[place:] if line.startswith("epoch 1/1")]
