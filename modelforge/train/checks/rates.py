"""A schedule, and a callback that wants to set the learning rate itself."""

from __future__ import annotations

from modelforge.findings import Findings, Related
from modelforge.spec import Object, TrainSection

SETS_THE_RATE = ("ReduceLROnPlateau", "LearningRateScheduler")


def check_rates(train: TrainSection, findings: Findings) -> None:
    """Keras would fail at the first plateau, perhaps hours later."""
    rate = train.optimizer.arguments.get("learning_rate")
    if not (isinstance(rate, Object) and rate.kind == "schedule"):
        return
    divergence = train.on_divergence
    if divergence.restore and divergence.learning_rate != 1:
        findings.error(
            "two-rates",
            f"`on_divergence` cannot lower a learning rate that `{rate.name}` sets",
            train.span_of("on_divergence"),
            notes=[
                "give the optimizer a number as learning rate",
                "`learning_rate: 1` goes back and leaves the rate to the schedule",
            ],
            related=[Related(rate.span, "the schedule is")],
        )
    for callback in train.callbacks:
        if callback.name in SETS_THE_RATE:
            findings.error(
                "two-rates",
                f"`{callback.name}` cannot set a learning rate that `{rate.name}` sets",
                callback.span,
                notes=["remove the callback, or give the optimizer a number as learning rate"],
                related=[Related(rate.span, "the schedule is")],
            )
