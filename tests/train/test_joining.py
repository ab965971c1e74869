"""What TensorFlow is told before it joins workers, and what workers compare."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.eager.context import Context

from modelforge.findings import Lost, Refused
from modelforge.spec import Object
from modelforge.train.joining import join_workers, wait_longer
from modelforge.train.trouble import explain
from modelforge.train.watched import facts_of
from modelforge.workers import Cluster, Timeouts
from train.conftest import IRIS, Prepare

CLUSTER = Cluster(("127.0.0.1:1", "127.0.0.1:2"), 1, "TF_CONFIG")


def test_tensorflows_own_watch_is_the_slower_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red once TensorFlow has moved its private names: then its 10 seconds come before ours."""
    real = inspect.signature(Context.configure_coordination_service)
    given: dict[str, Any] = {}

    def configure(self: Context, **options: Any) -> None:
        real.bind(self, **options)
        given.update(options)

    monkeypatch.setattr(Context, "configure_coordination_service", configure)
    assert wait_longer(CLUSTER, Timeouts(heartbeat=15))
    assert given["heartbeat_timeout_in_ms"] == 60_000
    assert [(it.name, it.num_tasks) for it in given["coordinated_jobs"]] == [("worker", 2)]


def test_nccl_without_gpus_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind=None: [])
    asked = Object("strategy", "MultiWorkerMirroredStrategy", {"communication": "nccl"}, None)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="works between GPUs, and this worker has none"):
        join_workers(asked, CLUSTER)


def test_workers_compare_spec_and_data_but_no_paths(prepare: Prepare, tmp_path: Path) -> None:
    np.savez(tmp_path / "some.npz", x=np.ones((40, 4), "f4"), y=np.arange(40) % 3)
    text = IRIS.replace("train: Iris", "train: {NPZ: {path: some.npz, target: y}}")
    prepared = prepare(text)
    facts = facts_of(prepared.loaded, prepared.bundle)
    assert facts["train.epochs"] == "3"
    assert facts["samples of `train`"] == "40"
    assert len(facts["fingerprint of `train`"]) >= 32
    assert not [name for name, value in facts.items() if "some.npz" in value or ".path" in name]


@pytest.mark.parametrize(
    "error",
    [
        tf.errors.UnavailableError(None, None, "connection reset by peer"),
        tf.errors.DeadlineExceededError(None, None, "Collective has timed out"),
        tf.errors.AbortedError(None, None, "aborted"),
        tf.errors.InternalError(None, None, "Collective ops is aborted by: task 1"),
    ],
)
def test_a_step_without_its_peers_is_a_lost_worker(error: Exception) -> None:
    told = explain(error, None, None)  # type: ignore[arg-type]
    assert isinstance(told, Lost) and told.exit_code == 5
    assert told.findings[0].rule == "worker-lost"
    assert "resume the run with all workers" in told.findings[0].notes[-1]
