"""`modelforge train` and `modelforge runs`, as a user sees them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from train.conftest import IRIS

Command = Callable[..., Result]


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("iris.yaml").write_text(IRIS, encoding="utf-8")
    return Path("iris.yaml")


def test_progress_goes_to_stderr_and_the_result_to_stdout(
    modelforge_command: Command, spec: Path
) -> None:
    result = modelforge_command("train", spec)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("epoch ") == 3
    assert "val_accuracy" in result.stdout
    assert "next: modelforge evaluate runs/iris/" in result.stdout
    assert "epoch 1/3" not in result.stdout


def test_quiet_says_the_result_only(modelforge_command: Command, spec: Path) -> None:
    result = modelforge_command("train", spec, "--quiet", "--json", "--run", "here")
    assert result.stderr == ""
    told = json.loads(result.stdout)
    assert told["run"] == "here"
    assert told["epochs"] == 3
    assert set(told["best"]) >= {"loss", "val_loss", "accuracy", "val_accuracy"}


def test_a_dry_run_makes_no_step_and_no_folder(modelforge_command: Command, spec: Path) -> None:
    result = modelforge_command("train", spec, "--dry-run")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "ready to train 131 parameters for 3 epochs\n"
        "120 samples in 8 steps per epoch\n"
        "values: loss, accuracy, val_loss, val_accuracy\n"
    )
    assert not Path("runs").exists()


def test_one_epoch_is_no_epochs(modelforge_command: Command, spec: Path) -> None:
    result = modelforge_command(
        *("train", spec, "--dry-run", "--set", "train.epochs=1", "--set", "data.batch_size=all")
    )
    assert result.stdout.startswith(
        "ready to train 131 parameters for 1 epoch\n120 samples in 1 step per epoch\n"
    )


def test_an_error_comes_before_the_folder(modelforge_command: Command, spec: Path) -> None:
    result = modelforge_command("train", spec, "--set", "train.loss=mse")
    assert result.exit_code == 1
    assert "error[loss-mismatch]" in result.stderr
    assert not Path("runs").exists()


def test_latest_is_resumed_with_more_epochs(modelforge_command: Command, spec: Path) -> None:
    modelforge_command("train", spec)
    result = modelforge_command("train", "--resume", "latest", "--set", "train.epochs=4")
    assert result.exit_code == 0, result.output
    assert "resuming after epoch 3" in result.stderr
    assert "epoch 4/4" in result.stderr
    assert len(list(Path("runs/iris").iterdir())) == 1


def test_resume_alone_means_the_latest_run(modelforge_command: Command, spec: Path) -> None:
    modelforge_command("train", spec)
    for arguments in (["--resume"], ["iris.yaml", "--resume"], ["--resume", "iris.yaml"]):
        result = modelforge_command("train", *arguments)
        assert result.exit_code == 1
        assert "error[nothing-to-do]: this run has done its 3 epochs" in result.stderr


def test_a_spec_that_was_changed_is_refused_at_its_line(
    modelforge_command: Command, spec: Path
) -> None:
    modelforge_command("train", spec)
    changed = IRIS.replace("units: 16", "units: 8").replace("epochs: 3", "epochs: 5")
    spec.write_text(changed, encoding="utf-8")
    result = modelforge_command("train", spec, "--resume")
    assert result.exit_code == 1
    assert (
        "iris.yaml:9:22: error[resume-differs]: `model.layers.0.Dense.units` is `8` and was `16` "
        "when the run was begun"
    ) in result.stderr
    assert "`train.epochs` is `5` and was `3` when the run was begun" in result.stderr
    assert "to go on nevertheless: --allow train.epochs" in result.stderr
    spec.write_text(IRIS.replace("epochs: 3", "epochs: 5"), encoding="utf-8")
    result = modelforge_command("train", spec, "--resume", "--allow", "train.epochs")
    assert result.exit_code == 0, result.output
    assert "changed: `train.epochs` is `5` and was `3`" in result.stderr
    assert "epoch 5/5" in result.stderr


def test_a_path_to_allow_that_is_misspelt_is_told(modelforge_command: Command, spec: Path) -> None:
    modelforge_command("train", spec)
    more = ("train", "--resume", "--set", "train.epochs=4")
    result = modelforge_command(*more, "--allow", "train.optimzer", "--allow", "version.keras")
    assert result.exit_code == 1
    assert "error[unknown-path]: `--allow train.optimzer` names nothing of the run" in result.stderr
    assert "did you mean `train.optimizer`?" in result.stderr
    assert "did you mean `versions.keras`?" in result.stderr
    # What there is, or could be, is not needed: that is said, but the run goes on.
    known = ("train.optimizer", "train.class_weight", "train.optimizer.Adam.clipnorm", "dataset")
    options = [text for path in (*known, "takeover") for text in ("--allow", path)]
    result = modelforge_command(*more, *options)
    assert result.exit_code == 0, result.output
    for path in known:
        assert f"--allow {path} is not needed: nothing differs there" in result.stderr
    assert "takeover" not in result.stderr


def test_data_that_changed_is_refused(modelforge_command: Command, spec: Path) -> None:
    rows = [f"{i / 8},{i / 4},{'ab'[i % 2]}" for i in range(40)]
    table = Path("rows.csv")
    table.write_text("\n".join(["p,q,kind", *rows]), encoding="utf-8")
    text = IRIS.replace("train: Iris", "train: {CSV: {path: rows.csv, target: kind}}")
    text = text.replace("SparseCategoricalCrossentropy", "BinaryCrossentropy").replace(
        '{units: "${data.classes}", activation: softmax}', "{units: 1, activation: sigmoid}"
    )
    spec.write_text(text, encoding="utf-8")
    assert modelforge_command("train", spec).exit_code == 0
    table.write_text("\n".join(["p,q,kind", *rows, "1.5,1.5,a"]), encoding="utf-8")
    more = ("train", "--resume", "--set", "train.epochs=4")
    result = modelforge_command(*more)
    assert result.exit_code == 1
    assert "the data's `sources.train.size` is `41` and was `40`" in result.stderr
    assert "--allow dataset.sources.train.fingerprint" in result.stderr
    result = modelforge_command(*more, "--allow", "dataset")
    assert result.exit_code == 0, result.output


def test_another_version_is_refused(
    modelforge_command: Command, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modelforge_command("train", spec)
    monkeypatch.setattr("modelforge.train.checkpoints.fingerprint.__version__", "9.9")
    result = modelforge_command("train", "--resume", "--set", "train.epochs=4")
    assert result.exit_code == 1
    assert "`modelforge` is `'9.9'` and was" in result.stderr
    assert "--allow versions.modelforge" in result.stderr


def test_another_machine_is_told(
    modelforge_command: Command, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modelforge_command("train", spec)
    monkeypatch.setattr("modelforge.train.checkpoints.fingerprint._processor", lambda: "abacus")
    result = modelforge_command("train", "--resume", "--set", "train.epochs=4")
    assert result.exit_code == 0, result.output
    assert "another machine: `processor` is `abacus` and was" in result.stderr
    assert "will not be the same to the last bit" in result.stderr


def test_a_run_killed_after_training_is_exported_and_reported(
    modelforge_command: Command, spec: Path
) -> None:
    spec.write_text(IRIS + "export: [Keras]\n", encoding="utf-8")
    assert modelforge_command("train", spec).exit_code == 0
    (run,) = Path("runs/iris").iterdir()
    (run / "report.html").unlink()
    (run / "export" / "model.keras").unlink()
    result = modelforge_command("train", "--resume")
    assert result.exit_code == 0, result.output
    assert "training is done; what comes after it is done now" in result.stderr
    assert (run / "report.html").exists() and (run / "export" / "model.keras").exists()


def test_allow_without_resume_is_wrong_usage(modelforge_command: Command, spec: Path) -> None:
    result = modelforge_command("train", spec, "--allow", "train.epochs")
    assert result.exit_code == 2
    assert "--allow belongs to --resume" in result.stderr


def test_neither_a_spec_nor_a_run_is_wrong_usage(modelforge_command: Command) -> None:
    assert modelforge_command("train").exit_code == 2


def test_a_spec_without_data_cannot_be_trained(modelforge_command: Command, spec: Path) -> None:
    spec.write_text(
        "modelforge: 1\nname: bare\nmodel:\n  inputs: {x: {shape: [4]}}\n  layers: [Flatten]\n",
        encoding="utf-8",
    )
    result = modelforge_command("train", spec)
    assert result.exit_code == 1
    assert "error[no-data]: the spec has no `data`" in result.stderr


def test_runs_lists_them(modelforge_command: Command, spec: Path) -> None:
    modelforge_command("train", spec, "--quiet")
    (identity,) = (path.name for path in Path("runs/iris").iterdir())
    header, row = modelforge_command("runs").stdout.splitlines()
    assert header.split() == ["name", "run", "state", "epochs", "best", "value", "started"]
    assert row.split()[:4] == ["iris", identity, "finished", "3/3"]
    (told,) = json.loads(modelforge_command("runs", "--json").stdout)["runs"]
    assert told["run"] == identity and told["best"]["val_loss"] > 0


def test_runs_of_no_folder(modelforge_command: Command, spec: Path) -> None:
    result = modelforge_command("runs")
    assert result.exit_code == 0
    assert "no runs in `runs` yet" in result.stderr
    named = modelforge_command("runs", "elsewhere")
    assert named.exit_code == 1
    assert "there is no folder `elsewhere`" in named.stderr


@pytest.mark.slow
def test_sigterm_ends_the_process_with_75(spec: Path) -> None:
    program = "from modelforge.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "train", str(spec), "--set", "train.epochs=100000"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if line.startswith("epoch 2/"):
            break
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    rest = process.stderr.read()
    assert process.wait() == 75, said + rest
    assert time.monotonic() - began < 30
    assert "SIGTERM: finishing this step and saving" in rest
    assert "modelforge train --resume runs/iris/" in rest
    assert "Traceback" not in rest


@pytest.mark.parametrize(
    "write", ["modelforge.train.beginning.write_json", "modelforge.report.write.write_text"]
)
def test_a_disk_that_is_full_before_or_after_the_steps_is_no_defect(
    modelforge_command: Command, spec: Path, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    def full(path: Path, _: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(write, full)
    result = modelforge_command("train", spec, "--set", "train.epochs=1")
    assert result.exit_code == 5
    assert "error[disk-full]: the disk is full" in result.stderr
    assert "Traceback" not in result.stderr
