"""Learning rates that grow with the replicas, and batch sizes that are meant by replica."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.catalog import Catalog
from modelforge.findings import Findings, Refused
from modelforge.graph import load
from modelforge.runs import resolved_yaml
from modelforge.spec import DataSection, TrainSection
from modelforge.train.rate_scaling import scale_rate
from train.conftest import IRIS, Prepare


def _sections(folder: Path, text: str) -> tuple[DataSection, TrainSection]:
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded is not None, list(findings)
    assert loaded.spec.data is not None and loaded.spec.train is not None
    return loaded.spec.data, loaded.spec.train


def _scaled(folder: Path, optimizer: str, scaling: str, catalog: Catalog) -> TrainSection:
    text = IRIS.replace("{Adam: 0.01}", optimizer) + f"  learning_rate_scaling: {scaling}\n"
    findings = Findings()
    scaled = scale_rate(_sections(folder, text)[1], 4, catalog, findings)
    assert not list(findings)
    return scaled


@pytest.mark.parametrize(
    ("scaling", "expected"), [("none", 0.01), ("linear", 0.04), ("sqrt", 0.02)]
)
def test_the_rate_grows_only_when_asked(
    tmp_path: Path, scaling: str, expected: float, catalog: Catalog
) -> None:
    scaled = _scaled(tmp_path, "{SGD: 0.01}", scaling, catalog)
    assert scaled.optimizer.arguments["learning_rate"] == pytest.approx(expected)


def test_a_rate_that_is_not_written_is_the_default_of_keras(
    tmp_path: Path, catalog: Catalog
) -> None:
    scaled = _scaled(tmp_path, "RMSprop", "linear", catalog)
    assert scaled.optimizer.arguments["learning_rate"] == pytest.approx(4 * 0.001)


def test_of_a_schedule_only_the_rates_grow(tmp_path: Path, catalog: Catalog) -> None:
    schedule = (
        "{SGD: {momentum: 0.9, learning_rate: {CosineDecay: {initial_learning_rate: 0.0, "
        "decay_steps: 100, warmup_target: 0.1, warmup_steps: 10, alpha: 0.5}}}}"
    )
    optimizer = _scaled(tmp_path, schedule, "linear", catalog).optimizer
    assert optimizer.arguments["momentum"] == 0.9
    rate = optimizer.arguments["learning_rate"]
    assert rate.arguments == {  # type: ignore[union-attr]
        "initial_learning_rate": 0.0,
        "decay_steps": 100,
        "warmup_target": pytest.approx(0.4),
        "warmup_steps": 10,
        "alpha": 0.5,
    }


def test_a_batch_by_replica_is_multiplied_where_the_replicas_are_known(tmp_path: Path) -> None:
    data, _ = _sections(tmp_path, IRIS.replace("batch_size: 16", "batch_size: {per_replica: 16}"))
    assert data.size_over(1, 120) == 16
    assert data.size_over(4, 120) == 64


def test_a_batch_by_replica_trains_on_one(prepare: Prepare) -> None:
    prepared = prepare(IRIS.replace("batch_size: 16", "batch_size: {per_replica: 50}"))
    assert prepared.bundle.train.batch_size == 50
    assert prepared.bundle.train.steps == 3
    assert prepared.bundle.facts["steps_per_epoch"] == 3
    written = resolved_yaml(prepared.spec, prepared.root, prepared.loaded.catalog, {})
    assert "  batch_size:\n    per_replica: 50\n" in written


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{per_replica: 0}", "at least 1"),
        ("{per_replica: all}", "an integer"),
        ("{each: 3}", "per_replica"),
        ("{per_replica: 500}", "a batch of 500 (500 for each of 1 replicas) is more than the 120"),
    ],
)
def test_a_batch_by_replica_that_makes_no_sense(
    prepare: Prepare, written: str, message: str
) -> None:
    with pytest.raises(Refused) as refused:
        prepare(IRIS.replace("batch_size: 16", f"batch_size: {written}"))
    assert message in str(refused.value.findings[0])
