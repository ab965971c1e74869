"""What is known of every worker, and who is to blame where they cannot go on."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelforge.findings import Finding, Lost, Refused, Stopped, counted
from modelforge.workers.differences import differences
from modelforge.workers.link import ENDING, JOINING, MEASURING, PREPARING, TRAINING
from modelforge.workers.timeouts import Timeouts
from modelforge.workers.wire import Message
from modelforge.workers.work import TRAIN, Work

STOPPED = Stopped.exit_code
WORKER_LOST = "worker-lost"
IS_GONE = "is gone: its machine or its process was ended"
_GRACE = 5.0  # seconds for the others to end by themselves, where they find the same fault
_AWAITED = 60.0  # seconds after which it is said whom the others wait for
_JOINING = 60.0  # seconds more than `start_timeout`: TensorFlow has to be imported, too


@dataclass
class Standing:
    """How a worker stands. heard, moved: when it last gave a sign, and when it last got on.

    at: the line of Python at which it is; empty within TensorFlow, where it may wait for others.

    exit: its process's code, below 0 for a signal. failed: what it said of its own end.
    """

    heard: float
    moved: float
    phase: str = PREPARING
    steps: int = 0
    at: str = ""
    exit: int | None = None
    failed: Mapping[str, Any] | None = None
    finished: int | None = None
    facts: Mapping[str, str] | None = None
    gone: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will come from it."""
        return self.gone or self.exit is not None


@dataclass(frozen=True)
class Verdict:
    """How the run ends for all workers. findings: what is told of it; none where the code says all.

    culprit: the worker whose fault it is. lost: a worker was lost, and a new start may help.
    """

    code: int
    findings: tuple[Finding, ...] = ()
    culprit: int | None = None
    lost: bool = False
    text: str = ""


@dataclass
class Roll:
    """All workers by their index. names: as messages call them."""

    names: tuple[str, ...]
    timeouts: Timeouts
    began: float
    work: Work = TRAIN
    stopping: str = ""
    workers: list[Standing] = field(default_factory=list)
    _suspected: float | None = None

    def __post_init__(self) -> None:
        self.workers = [Standing(self.began, self.began) for _ in self.names]

    def hear(self, index: int, message: Message, now: float) -> None:
        """Takes down what a worker, or the process that watches it, has sent."""
        worker = self.workers[index]
        worker.heard = now
        if isinstance(beat := message.get("beat"), dict):
            phase, steps = str(beat.get("phase")), int(beat.get("steps", 0))
            if (phase, steps) != (worker.phase, worker.steps):
                worker.moved = now
            worker.phase, worker.steps, worker.at = phase, steps, str(beat.get("at", ""))
        if "same" in message:
            worker.facts = message["same"]
        if "failed" in message:
            worker.failed = message["failed"]
        if "finished" in message:
            worker.finished = int(message["finished"])
        if "exit" in message:
            worker.exit = int(message["exit"])

    def lose(self, index: int) -> None:
        """The line to a worker is cut."""
        self.workers[index].gone = True

    @property
    def compared(self) -> bool:
        """Whether every worker has told its facts."""
        return all(worker.facts is not None for worker in self.workers)

    @property
    def all_finished(self) -> bool:
        """Whether every worker has come to its end by itself."""
        return all(worker.finished is not None for worker in self.workers)

    def awaited(self, now: float) -> dict[str, str]:
        """The workers that hold up the others before the first step, and where they are."""
        if all(worker.facts is None for worker in self.workers):
            return {}
        return {
            name: worker.at or "work within TensorFlow"
            for name, worker in zip(self.names, self.workers, strict=True)
            if worker.facts is None and now - worker.moved > _AWAITED
        }

    def forget_facts(self) -> None:
        """They have been compared, and may be asked for again."""
        for worker in self.workers:
            worker.facts = None

    def verdict(self, now: float) -> Verdict | None:
        """How the run ends; None while it goes on."""
        codes = [worker.exit for worker in self.workers]
        if all(code == 0 for code in codes):
            return Verdict(0)
        if self.stopping and not any(w.phase == TRAINING for w in self.workers if not w.ended):
            return self._stopped(now)
        if all(code == STOPPED for code in codes):
            return Verdict(STOPPED)
        return (
            self._different()
            or self._own_fault(now)
            or self._dead()
            or self._silent(now)
            or self._stuck(now)
            or self._suspicion(now)
            or self._all_ended()
        )

    def _stopped(self, now: float) -> Verdict | None:
        """A stop was asked for while there was nothing to keep yet, or nothing more to do."""
        if any(worker.exit == STOPPED for worker in self.workers):
            return None if not all(worker.ended for worker in self.workers) else Verdict(STOPPED)
        if self.work.together and any(worker.phase == ENDING for worker in self.workers):
            return None  # it ends by itself
        finding = Finding(
            "stopped",
            f"stopped by {self.stopping} {self.work.undone}",
            severity="warning",
        )
        return Verdict(STOPPED, (finding,))

    def _different(self) -> Verdict | None:
        if not self.compared:
            return None
        facts = {index: worker.facts or {} for index, worker in enumerate(self.workers)}
        found = differences(facts, self.names, self.work.differ)
        return Verdict(Refused.exit_code, tuple(found)) if found else None

    def _own_fault(self, now: float) -> Verdict | None:
        """A worker has ended by a fault of its own: of the spec, the data, the disk."""
        for index, worker in enumerate(self.workers):
            failed = worker.failed
            if failed is None or failed.get("peer"):
                continue
            # The others may find the same, and say so by themselves.
            if now - worker.heard < _GRACE and not all(it.ended for it in self.workers):
                return None
            return self._failed(index, failed)
        return None

    def _failed(self, index: int, failed: Mapping[str, Any]) -> Verdict:
        finding = Finding(
            "worker-failed",
            f"{self.names[index]} has failed, and all others were ended with it",
            notes=("what it said:",),
        )
        text = str(failed.get("text", ""))
        return Verdict(int(failed["code"]), (finding,), index, text=text)

    def _dead(self) -> Verdict | None:
        """A worker's process is gone without a word; an abort is mostly TensorFlow's over a peer's
        end, so that it is looked at last.
        """
        for index, worker in enumerate(self.workers):
            told = _told(worker)
            if worker.gone and not told:
                return self._lost(index, IS_GONE)
            code = worker.exit
            if code == STOPPED and not told:
                return self._stopped_early(index)
            if code is None or told or code in (0, STOPPED, -signal.SIGABRT):
                continue
            return self._lost(index, _ended(code))
        return None

    def _stopped_early(self, index: int) -> Verdict:
        finding = Finding(
            "stopped",
            f"{self.names[index]} was stopped {self.work.undone}",
            severity="warning",
        )
        return Verdict(STOPPED, (finding,))

    def _silent(self, now: float) -> Verdict | None:
        for index, worker in enumerate(self.workers):
            # Loading TensorFlow from a slow disk leaves no room for a sign of life.
            early = worker.phase in (PREPARING, JOINING)
            timeout = "start" if early else "heartbeat"
            limit = self.timeouts.start + _JOINING if early else self.timeouts.heartbeat
            quiet = now - worker.heard
            if not worker.ended and quiet > limit:
                return self._lost(index, is_quiet(quiet), timeout)
        return None

    def _stuck(self, now: float) -> Verdict | None:
        return self._stuck_together(now) if self.work.together else self._stuck_alone(now)

    def _stuck_alone(self, now: float) -> Verdict | None:
        """Each has a share of its own, and gets on by itself."""
        for index, worker in enumerate(self.workers):
            seconds = now - worker.moved
            if worker.phase == MEASURING and not worker.ended and seconds > self.timeouts.step:
                at = worker.at or "work within TensorFlow"
                what = f"is stuck at {at}; it has got on with nothing for {seconds:.0f} seconds"
                return self._lost(index, what, "step", rule="worker-stuck")
        return None

    def _stuck_together(self, now: float) -> Verdict | None:
        """All make a step together, so that no worker gets on where one does not."""
        here = [worker for worker in self.workers if not worker.ended]
        moved = max((worker.moved for worker in here), default=now)
        if any(worker.phase == JOINING for worker in here) and len(here) == len(self.workers):
            if now - moved <= self.timeouts.start + _JOINING:
                return None
            late = [i for i, w in enumerate(self.workers) if w.phase != JOINING] or [0]
            return self._lost(late[0], "could not be joined by TensorFlow", "start")
        if not all(worker.phase == TRAINING for worker in here) or not here:
            return None
        if now - moved <= self.timeouts.step:
            return None
        return self._blame_stuck(now - moved)

    def _blame_stuck(self, seconds: float) -> Verdict:
        for index, worker in enumerate(self.workers):
            if worker.at:
                what = (
                    f"is stuck at {worker.at}; no step was made for {seconds:.0f} seconds, "
                    "because the others wait for it"
                )
                return self._lost(index, what, "step", rule="worker-stuck")
        finding = Finding(
            "worker-stuck",
            f"no worker has made a step for {seconds:.0f} seconds",
            notes=(
                "all of them are within TensorFlow: computing, reading data, or waiting",
                *self._notes("step"),
            ),
        )
        return Verdict(Lost.exit_code, (finding,), lost=True)

    def _suspicion(self, now: float) -> Verdict | None:
        """A worker says, or shows by an abort, that it has lost another: which may yet show."""
        found = list(self._suspecting())
        if not found:
            return None
        self._suspected = now if self._suspected is None else self._suspected
        waited = now - self._suspected
        if waited < self.timeouts.heartbeat + 1 and not all(it.ended for it in self.workers):
            return None
        index, text = found[0]
        finding = Finding(
            WORKER_LOST,
            f"{self.names[index]} has lost the connection to the other workers",
            notes=self._notes(),
        )
        return Verdict(Lost.exit_code, (finding,), index, lost=True, text=text)

    def _all_ended(self) -> Verdict | None:
        """Every worker has said how it came to its end, and TensorFlow may have failed after."""
        return self.as_finished() if all(worker.ended for worker in self.workers) else None

    def as_finished(self) -> Verdict:
        """What the workers have said of their end."""
        return Verdict(max(worker.finished or 0 for worker in self.workers))

    def _suspecting(self) -> Iterator[tuple[int, str]]:
        for index, worker in enumerate(self.workers):
            if worker.failed is not None and worker.failed.get("peer"):
                yield index, str(worker.failed.get("text", ""))
            elif worker.exit == -signal.SIGABRT and not _told(worker):
                yield index, ""

    def _lost(
        self, index: int, what: str, timeout: str = "", *, rule: str = WORKER_LOST
    ) -> Verdict:
        finding = Finding(rule, f"{self.names[index]} {what}", notes=self._notes(timeout))
        return Verdict(Lost.exit_code, (finding,), index, lost=True)

    def _notes(self, timeout: str = "") -> tuple[str, ...]:
        notes = []
        if timeout:
            seconds = counted(round(getattr(self.timeouts, timeout)), "second")
            notes.append(f"`{timeout}_timeout` of `MultiWorkerMirroredStrategy` is {seconds}")
        return (*notes, self.work.again)


def is_quiet(seconds: float) -> str:
    """What is said of a worker that has been heard of no more for so long."""
    return f"has given no sign of life for {seconds:.0f} seconds"


def _told(worker: Standing) -> bool:
    """Whether the worker has said itself how it ends."""
    return worker.failed is not None or worker.finished is not None


def _ended(code: int) -> str:
    if code >= 0:
        return f"has ended with the exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    likely = ": the machine may be out of memory" if code == -signal.SIGKILL else ""
    return f"was ended by {name}{likely}"
