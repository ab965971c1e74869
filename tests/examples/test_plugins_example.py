"""The worked project `examples/plugins`: words of one's own, from training to a run elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "plugins"
TRUST = "--trust-plugins"
Run = Callable[..., Result]

ASK = """
import sys, tensorflow as tf
answer = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
name = next(iter(answer.structured_input_signature[1]))
print(answer(**{name: tf.zeros((1, 8, 8, 1))})["digit"].shape)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained run of the example; the plugin beside the spec is gone since."""
    from modelforge.cli.main import run

    folder = tmp_path_factory.mktemp("example") / "plugins"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("runs", "__pycache__"))
    spec = str(folder / "digits.yaml")
    assert run(["train", spec, "-q", TRUST, "--run", str(folder / "run")]) == 0
    (folder / "my_layers.py").unlink()
    return folder


@pytest.mark.slow
def test_the_run_keeps_its_plugins(folder: Path) -> None:
    kept = folder / "run" / "plugins" / "my_layers.py"
    assert kept.read_text(encoding="utf-8") == (EXAMPLE / "my_layers.py").read_text("utf-8")
    assert "plugins: [plugins/my_layers.py]" in (folder / "run/resolved.yaml").read_text("utf-8")


@pytest.mark.slow
def test_the_callback_ended_training(folder: Path) -> None:
    state = json.loads((folder / "run" / "state.json").read_text(encoding="utf-8"))
    assert state["state"] == "finished" and state["epochs"] < 30
    assert state["final"]["val_accuracy"] >= 0.96


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "run"],
        ["export", "run", "Keras"],
        ["predict", "run", "rows.npz"],
        ["train", "--resume", "run"],
        ["show", "run/resolved.yaml", "--resolved"],
        ["diff", "run/resolved.yaml", "run/resolved.yaml"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_nothing_runs_without_trust(
    arguments: list[str], folder: Path, modelforge_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    done = modelforge_command(*arguments)
    assert done.exit_code == 1
    assert "plugins run only when you say so on the command line: `--trust-plugins`" in done.output
    assert "run/resolved.yaml:4:10" in done.output


@pytest.mark.slow
def test_a_trusted_run_is_measured_exported_and_resumed(
    folder: Path, modelforge_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    for arguments in (
        ["evaluate", "run"],
        ["export", "run", "Keras"],
        ["show", "run/resolved.yaml"],
        ["train", "--resume", "run", "-q", "--set", "train.epochs=40"],
    ):
        done = modelforge_command(*arguments, TRUST)
        assert done.exit_code == 0, done.output
    assert "plugins: [plugins/my_layers.py]" in Path("run/resolved.yaml").read_text("utf-8")


@pytest.mark.slow
def test_the_saved_model_needs_no_plugin(folder: Path) -> None:
    model = folder / "run" / "export" / "saved_model"
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(model)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout == "(1, 10)\n"


@pytest.mark.slow
def test_its_model_is_a_layer_only_where_the_plugin_is_trusted(
    folder: Path, modelforge_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    model = (
        "model:\n  inputs: {image: {shape: [8, 8, 1]}}\n"
        "  layers: [{load: {path: run/best.keras}}, {Dense: 2}]\n"
    )
    plugins = "plugins: [run/plugins/my_layers.py]\n"
    Path("with.yaml").write_text(plugins + model, encoding="utf-8")
    Path("without.yaml").write_text(model, encoding="utf-8")
    shown = modelforge_command("show", "with.yaml", TRUST)
    assert shown.exit_code == 0, shown.output
    # In a process of its own: what a plugin registered with Keras stays registered.
    refused = subprocess.run(
        [sys.executable, "-m", "modelforge", "validate", "without.yaml", TRUST],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert refused.returncode == 1
    assert "needs the class `examples>" in refused.stdout


@pytest.mark.slow
def test_a_changed_plugin_is_noticed(
    folder: Path, tmp_path: Path, modelforge_command: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder / "run", tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    with Path("run/plugins/my_layers.py").open("a", encoding="utf-8") as file:
        file.write("\nraise SystemExit('changed')\n")
    for arguments in (["evaluate", "run"], ["train", "--resume", "run"]):
        done = modelforge_command(*arguments, TRUST)
        assert done.exit_code == 1
        assert done.output.startswith(
            "error[plugin-changed]: `run/plugins/my_layers.py` is no longer the plugin that the "
            "run was trained with"
        )
