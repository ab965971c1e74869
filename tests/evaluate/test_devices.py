"""Devices for answers: those of the run where they are here, else what there is."""

from __future__ import annotations

import pytest

from modelforge.evaluate.devices import devices_for
from modelforge.findings import Refused, Source, Span
from modelforge.spec import Object
from modelforge.workers.asked import MULTI_WORKER

SPAN = Span(Source("test.yaml", ""), 1, 1, 1, 1)


def strategy(name: str, *devices: str) -> Object:
    return Object("strategy", name, {"devices": devices} if devices else {}, SPAN)


@pytest.mark.parametrize(
    "trained_on",
    [
        strategy("none"),
        strategy("auto"),
        strategy("MirroredStrategy", "GPU:76", "GPU:77"),
        Object("strategy", MULTI_WORKER, {"step_timeout": 9}, SPAN),
    ],
)
def test_one_device_is_no_strategy(trained_on: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of a run with several workers, too, each process takes its own devices, and joins nobody.
    monkeypatch.setenv("TF_CONFIG", "no JSON: nothing may read it")
    found = devices_for(trained_on, asked=False)
    assert (found.replicas, found.strategy) == (1, None)


def test_devices_that_are_asked_for_have_to_be_there() -> None:
    with pytest.raises(Refused, match="this machine has no device `GPU:76`"):
        devices_for(strategy("MirroredStrategy", "GPU:76", "GPU:77"), asked=True)
