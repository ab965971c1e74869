"""Back to the last checkpoint where the loss has become no number, with a lower learning rate."""

from __future__ import annotations

from dataclasses import replace

from modelforge.train.checkpoints import Snapshot
from modelforge.train.checkpoints.snapshot import phase_of
from modelforge.train.execute import NotFinite
from modelforge.train.rate_lowering import lower_rate
from modelforge.train.recorder import Recorder


def go_back(recorder: Recorder, problem: NotFinite) -> Snapshot:
    """The last checkpoint, with a lower rate; raises the problem where it may not go back again."""
    asked = recorder.stage.train.on_divergence
    restores = recorder.state.restores + 1
    if restores > asked.restore:
        raise problem
    checkpoints = recorder.keeper.checkpoints
    # Where it came no further than the last time, the weights were on a wrong way by then.
    before = recorder.went_back_to
    snapshot = checkpoints.newest(recorder.say)
    if snapshot is not None and snapshot.position == before:
        earlier = checkpoints.newest(recorder.say, before)
        # One of the phase before has another optimizer: there is no way back over its end.
        if earlier is not None and phase_of(earlier) == phase_of(snapshot):
            snapshot = earlier
    if snapshot is None:
        raise problem
    recorder.went_back_to = snapshot.position
    recorder.keeper.put_variables(snapshot)
    rate = lower_rate(recorder.model.optimizer, asked.learning_rate)
    kept = {**snapshot.state["recorder"], "restores": restores}
    snapshot = replace(
        snapshot,
        variables=recorder.keeper.read(snapshot.position),
        state={**snapshot.state, "recorder": kept},
    )
    recorder.agree(0)  # every worker has read the old one by now
    recorder.keeper.save(snapshot)  # so that a kill does not undo it
    if recorder.keeper.placement.chief:
        checkpoints.remove_after(snapshot.position)
    recorder.say(
        f"the loss is no number after {problem.position}: back to {snapshot.position} with "
        f"learning rate {rate:.6g} ({restores} of {asked.restore})"
    )
    return snapshot
