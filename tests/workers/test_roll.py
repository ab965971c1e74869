"""Who is to blame where workers cannot go on, by a clock that the test turns."""

from __future__ import annotations

import signal
from typing import Any

from modelforge.workers.roll import Roll, Verdict
from modelforge.workers.timeouts import Timeouts
from modelforge.workers.work import ASK, TRAIN, Work

TIMES = Timeouts(start=60, step=300, heartbeat=15)


class Cluster:
    """Three workers that train; the clock stands where the test puts it."""

    def __init__(self, phase: str = "training", work: Work = TRAIN) -> None:
        self.roll = Roll(("worker 0", "worker 1", "worker 2"), TIMES, 0.0, work)
        self.now = 0.0
        for index in range(3):
            self.say(index, beat={"phase": phase, "steps": 7, "at": ""})

    def say(self, index: int, **message: Any) -> None:
        self.roll.hear(index, message, self.now)

    def beat(self, *indices: int, steps: int = 7, at: str = "") -> None:
        for index in indices:
            self.say(index, beat={"phase": "training", "steps": steps, "at": at})

    def verdict(self) -> Verdict | None:
        return self.roll.verdict(self.now)

    def told(self) -> str:
        verdict = self.verdict()
        assert verdict is not None
        return "; ".join(f"{it.rule}: {it.message}" for it in verdict.findings)


def test_all_is_well() -> None:
    cluster = Cluster()
    for cluster.now in range(0, 1000, 10):
        cluster.beat(0, 1, 2, steps=int(cluster.now))
        assert cluster.verdict() is None
    for index in range(3):
        cluster.say(index, exit=0)
    assert cluster.verdict() == Verdict(0)


def test_a_killed_worker_is_named_at_once() -> None:
    cluster = Cluster()
    cluster.say(2, exit=-signal.SIGKILL)
    verdict = cluster.verdict()
    assert verdict is not None and (verdict.code, verdict.culprit, verdict.lost) == (5, 2, True)
    assert "worker 2 was ended by SIGKILL: the machine may be out of memory" in cluster.told()


def test_tensorflows_abort_waits_for_the_one_that_it_is_about() -> None:
    cluster = Cluster()
    cluster.say(0, exit=-signal.SIGABRT)
    assert cluster.verdict() is None
    cluster.now = 3
    cluster.beat(1)
    cluster.roll.lose(2)
    assert cluster.told() == "worker-lost: worker 2 is gone: its machine or its process was ended"


def test_an_abort_that_nobody_explains_is_told_as_what_it_is() -> None:
    cluster = Cluster()
    cluster.say(0, failed={"code": 5, "text": "Unavailable", "peer": True})
    assert cluster.verdict() is None
    cluster.now = 14
    cluster.beat(1, 2, steps=8)
    assert cluster.verdict() is None
    cluster.now = 17
    cluster.beat(1, 2, steps=9)
    cluster.say(0, exit=5)
    verdict = cluster.verdict()
    assert verdict is not None and verdict.text == "Unavailable"
    assert cluster.told().startswith("worker-lost: worker 0 has lost the connection")


def test_silence_is_told_with_its_limit() -> None:
    cluster = Cluster()
    cluster.now = 14
    cluster.beat(0, 2)
    assert cluster.verdict() is None
    cluster.now = 16
    cluster.beat(0, 2)
    assert cluster.told() == "worker-lost: worker 1 has given no sign of life for 16 seconds"


def test_a_worker_that_imports_tensorflow_may_be_silent_for_longer() -> None:
    cluster = Cluster("preparing")
    cluster.now = 100
    assert cluster.verdict() is None
    cluster.now = 121
    assert "worker 0 has given no sign of life" in cluster.told()


def test_the_worker_that_is_not_within_tensorflow_is_stuck() -> None:
    cluster = Cluster()
    for cluster.now in range(0, 301, 2):
        assert cluster.verdict() is None
        cluster.beat(0, 1)
        cluster.beat(2, at="plugin.py:7, on_epoch_end")
    cluster.now = 302
    verdict = cluster.verdict()
    assert verdict is not None and verdict.culprit == 2
    assert cluster.told() == (
        "worker-stuck: worker 2 is stuck at plugin.py:7, on_epoch_end; no step was made for "
        "302 seconds, because the others wait for it"
    )


def test_where_all_are_within_tensorflow_none_is_blamed() -> None:
    cluster = Cluster()
    for cluster.now in range(0, 301, 2):
        assert cluster.verdict() is None
        cluster.beat(0, 1, 2)
    cluster.now = 302
    verdict = cluster.verdict()
    assert verdict is not None and verdict.culprit is None
    assert cluster.told().startswith("worker-stuck: no worker has made a step for 302 seconds")


def test_work_after_the_last_step_may_take_its_time() -> None:
    cluster = Cluster()
    for cluster.now in range(0, 3000, 10):
        cluster.say(0, beat={"phase": "ending", "steps": 7, "at": ""})
        cluster.say(1, beat={"phase": "ending", "steps": 7, "at": ""}, finished=0)
        cluster.say(2, beat={"phase": "ending", "steps": 7, "at": ""}, finished=0)
        assert cluster.verdict() is None


def test_a_fault_of_its_own_ends_all_with_its_code_and_words() -> None:
    cluster = Cluster()
    cluster.say(1, failed={"code": 1, "text": "error[image]: cannot read", "peer": False}, exit=1)
    cluster.beat(0, 2)
    assert cluster.verdict() is None  # the others may find the same
    cluster.now = 6
    cluster.beat(0, 2)
    verdict = cluster.verdict()
    assert verdict is not None
    assert (verdict.code, verdict.culprit, verdict.lost) == (1, 1, False)
    assert verdict.text == "error[image]: cannot read"
    assert "worker 1 has failed, and all others were ended with it" in cluster.told()


def test_where_all_find_the_same_fault_none_is_waited_for() -> None:
    cluster = Cluster("preparing")
    for index in (2, 1, 0):
        cluster.say(index, failed={"code": 1, "text": "error", "peer": False}, exit=1)
    verdict = cluster.verdict()
    assert verdict is not None and (verdict.code, verdict.culprit, verdict.text) == (1, 0, "error")


def test_facts_that_differ_are_listed() -> None:
    cluster = Cluster("preparing")
    cluster.say(0, same={"train.epochs": "3", "data.seed": "0"})
    cluster.say(1, same={"train.epochs": "4", "data.seed": "0"})
    assert cluster.verdict() is None
    cluster.say(2, same={"train.epochs": "3", "data.seed": "0"})
    verdict = cluster.verdict()
    assert verdict is not None and verdict.code == 1
    (finding,) = verdict.findings
    assert finding.rule == "workers-differ"
    assert finding.notes[0] == "train.epochs: `3` at worker 0, `4` at worker 1"
    assert len(finding.notes) == 2


def test_a_stop_before_the_first_step_ends_all() -> None:
    cluster = Cluster("preparing")
    cluster.roll.stopping = "SIGTERM"
    verdict = cluster.verdict()
    assert verdict is not None and verdict.code == 75
    assert (
        cluster.told() == "stopped: stopped by SIGTERM before the first step; nothing was trained"
    )


def test_a_stop_while_training_waits_for_the_checkpoint() -> None:
    cluster = Cluster()
    cluster.roll.stopping = "SIGTERM"
    assert cluster.verdict() is None
    for index in range(3):
        cluster.say(index, finished=75)
        assert cluster.verdict() is None
    for index in range(3):
        cluster.say(index, exit=75)
    assert cluster.verdict() == Verdict(75)


def test_a_process_that_fails_after_its_end_does_not_change_it() -> None:
    cluster = Cluster()
    for index in range(3):
        cluster.say(index, finished=0)
    cluster.say(0, exit=0)
    cluster.say(1, exit=-signal.SIGABRT)
    cluster.say(2, exit=0)
    assert cluster.verdict() == Verdict(0)


def test_before_the_first_step_it_is_said_whom_the_others_wait_for() -> None:
    cluster = Cluster("preparing")
    cluster.now = 61
    for index in range(3):
        cluster.say(index, beat={"phase": "preparing", "steps": 0, "at": "csv_file.py:9, read"})
    assert cluster.roll.awaited(cluster.now) == {}
    cluster.say(0, same={})
    cluster.say(2, same={})
    cluster.now = 130
    assert cluster.roll.awaited(cluster.now) == {"worker 1": "csv_file.py:9, read"}
    cluster.say(1, same={})
    assert cluster.roll.awaited(cluster.now) == {}


def test_a_share_that_gets_on_with_nothing_is_blamed_though_the_others_are_done() -> None:
    cluster = Cluster("measuring", ASK)
    cluster.now = 290
    for index, phase in enumerate(("gathering", "measuring", "ending")):
        cluster.say(index, beat={"phase": phase, "steps": 7, "at": ""})
    assert cluster.verdict() is None
    for cluster.now in range(290, 320, 5):
        for index, phase in enumerate(("gathering", "measuring", "ending")):
            cluster.say(index, beat={"phase": phase, "steps": 7, "at": "data.py:3, read"})
    verdict = cluster.verdict()
    assert verdict is not None and (verdict.code, verdict.culprit) == (5, 1)
    assert (
        "worker-stuck: worker 1 is stuck at data.py:3, read; it has got on with" in cluster.told()
    )
    assert verdict.findings[0].notes[-1].startswith("nothing is lost: give the command again")


def test_the_chief_may_wait_long_for_shares_that_get_on() -> None:
    cluster = Cluster("measuring", ASK)
    for cluster.now in range(0, 4000, 10):
        cluster.say(0, beat={"phase": "gathering", "steps": 7, "at": "link.py:1, shares"})
        for index in (1, 2):
            cluster.say(index, beat={"phase": "measuring", "steps": int(cluster.now), "at": ""})
        assert cluster.verdict() is None


def test_a_stop_ends_shares_at_once() -> None:
    cluster = Cluster("measuring", ASK)
    cluster.say(2, beat={"phase": "ending", "steps": 9, "at": ""})
    cluster.roll.stopping = "SIGTERM"
    verdict = cluster.verdict()
    assert verdict is not None and verdict.code == 75
    assert cluster.told() == "stopped: stopped by SIGTERM before the end; nothing was written"


def test_the_exit_code_is_that_of_the_worker_who_speaks() -> None:
    cluster = Cluster("ending", ASK)
    for index, code in enumerate((1, 0, 0)):  # an input could not be read, which the chief says
        cluster.say(index, finished=code)
        cluster.say(index, exit=code)
    assert cluster.verdict() == Verdict(1)
