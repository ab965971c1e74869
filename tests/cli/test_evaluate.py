"""`modelforge evaluate`: what a user reads, and what is kept in the run folder."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from click.testing import Result
from sklearn import metrics

from modelforge.evaluate import open_run, open_run_data
from modelforge.findings import Findings
from modelforge.runs import RunFolder

Run = Callable[..., Result]


def test_classes_get_a_table_and_a_matrix(modelforge_command: Run, table_run: RunFolder) -> None:
    result = modelforge_command("evaluate", table_run.path)

    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "best.keras on validation, 30 samples"
    assert lines[7].split() == ["class", "precision", "recall", "F1", "support"]
    assert [line.split()[0] for line in lines[8:11]] == ["dog", "hen", "spider"]
    assert [line.split()[-1] for line in lines[8:11]] == ["10", "10", "10"]
    assert lines[-1] == "columns: 0 = dog, 1 = hen, 2 = spider"
    assert "report.html" in result.stderr


def test_the_scores_are_those_of_scikit_learn_on_the_same_samples(
    modelforge_command: Run, table_run: RunFolder
) -> None:
    found = json.loads(modelforge_command("evaluate", table_run.path, "--json").stdout)

    findings = Findings()
    run = open_run(table_run)
    split = open_run_data(run, findings).validation
    assert split is not None
    true = np.concatenate([np.asarray(targets) for _, targets in split.batches()])
    chosen = run.model.predict(split.batches().map(lambda x, y: x), verbose=0).argmax(axis=1)
    expected = metrics.classification_report(true, chosen, output_dict=True, zero_division=0)
    assert 0.4 < expected["accuracy"] < 1  # some are confused, or this would prove nothing
    assert found["size"] == 30 and found["split"] == "validation"
    assert found["classification"]["accuracy"] == pytest.approx(expected["accuracy"])
    assert found["metrics"]["sparse_categorical_accuracy"] == pytest.approx(expected["accuracy"])
    assert found["classification"]["macro_f1"] == pytest.approx(expected["macro avg"]["f1-score"])
    assert found["classification"]["confusion"] == metrics.confusion_matrix(true, chosen).tolist()


def test_the_result_is_kept_and_shown_in_the_report(
    modelforge_command: Run, table_run: RunFolder
) -> None:
    shown = json.loads(modelforge_command("evaluate", table_run.path, "--json").stdout)
    kept = json.loads((table_run.path / "evaluation-validation.json").read_text())
    assert kept == shown
    page = (table_run.path / "report.html").read_text(encoding="utf-8")
    assert "Evaluation on validation (30 samples)" in page and "spider" in page


def test_numbers_are_measured_on_the_part_that_is_asked_for(
    modelforge_command: Run, number_run: RunFolder
) -> None:
    result = modelforge_command("evaluate", number_run.path, "--on", "test", "--json")
    found = json.loads(result.stdout)
    assert found["split"] == "test" and found["size"] == 88
    assert found["classification"] is None
    assert found["regression"]["mae"] == pytest.approx(found["metrics"]["mean_absolute_error"])
    assert found["regression"]["rmse"] ** 2 == pytest.approx(found["metrics"]["loss"])


def test_the_validation_values_are_those_of_training(
    modelforge_command: Run, table_run: RunFolder
) -> None:
    found = json.loads(modelforge_command("evaluate", table_run.path, "--json").stdout)
    state = table_run.state()
    assert state is not None
    assert found["metrics"]["loss"] == pytest.approx(state.best["val_loss"], rel=1e-4)


def test_a_part_that_is_not_there_is_named(modelforge_command: Run, number_run: RunFolder) -> None:
    result = modelforge_command("evaluate", number_run.path, "--on", "validation")
    assert result.exit_code == 1
    assert "error[no-split]: the run's data has no `validation` part" in result.stderr
    assert "it has: test, train" in result.stderr


def test_a_damaged_model_is_a_finding(
    modelforge_command: Run, number_run: RunFolder, tmp_path: object
) -> None:
    import shutil
    from pathlib import Path

    copy = Path(str(tmp_path)) / "copy"
    shutil.copytree(number_run.path, copy)
    (copy / "best.keras").write_bytes((copy / "best.keras").read_bytes()[:500])
    result = modelforge_command("evaluate", copy)
    assert result.exit_code == 1
    assert "error[model-archive]" in result.stderr and "best.keras" in result.stderr


def test_changed_data_is_not_measured_silently(
    modelforge_command: Run, table_run: RunFolder
) -> None:
    path = table_run.path.parent / "animals.csv"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(before + "hen,bird,2,500\n" * 4, encoding="utf-8")
        result = modelforge_command("evaluate", table_run.path)
    finally:
        path.write_text(before, encoding="utf-8")
    assert result.exit_code == 1
    assert "error[data-changed]: the data has changed since the run was trained" in result.stderr


def test_a_run_is_found_by_its_name(modelforge_command: Run, table_run: RunFolder) -> None:
    runs = table_run.path.parent.parent
    result = modelforge_command("evaluate", table_run.name, "--runs", runs, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["size"] == 30


def test_other_devices_may_be_asked_for_and_nothing_else(
    modelforge_command: Run, table_run: RunFolder
) -> None:
    alone = json.loads(modelforge_command("evaluate", table_run.path, "--json").stdout)
    options = ("--set", "train.distribute=none", "--workers", "1", "--json")
    assert json.loads(modelforge_command("evaluate", table_run.path, *options).stdout) == alone
    refused = modelforge_command("evaluate", table_run.path, "--set", "train.epochs=3")
    assert refused.exit_code == 2
    assert "--set takes `train.distribute` alone, not `train.epochs=3`" in refused.stderr
    devices = "train.distribute={MirroredStrategy: {devices: ['GPU:77']}}"
    missing = modelforge_command("evaluate", table_run.path, "--set", devices)
    assert missing.exit_code == 1
    assert "--set:1:" in missing.stderr and "has no device `GPU:77`" in missing.stderr


def test_workers_are_started_where_the_environment_names_none(
    modelforge_command: Run, table_run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}
    place = {"cluster": cluster, "task": {"type": "worker", "index": 0}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(place))
    result = modelforge_command("evaluate", table_run.path, "--workers", "2")
    assert result.exit_code == 2
    assert "--workers starts workers here, and TF_CONFIG already names 2" in result.stderr
    assert modelforge_command("evaluate", table_run.path, "--workers", "1").exit_code == 0


def test_standard_input_is_not_shared(modelforge_command: Run, table_run: RunFolder) -> None:
    result = modelforge_command("predict", table_run.path, "-", "--workers", "2")
    assert result.exit_code == 2
    assert "Standard input cannot be shared among workers" in result.stderr
