"""One start of all workers: their messages are passed on until it is clear how the run ends."""

from __future__ import annotations

import select
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from modelforge.findings import Finding, Lost
from modelforge.workers.child import Child
from modelforge.workers.link import BEAT
from modelforge.workers.roll import (
    IS_GONE,
    STOPPED,
    WORKER_LOST,
    Roll,
    Verdict,
    is_quiet,
)
from modelforge.workers.signals import Signals
from modelforge.workers.timeouts import Timeouts
from modelforge.workers.wire import Message, Wire
from modelforge.workers.work import Work

_TICK = 0.1  # seconds between two looks at what sends no message: exit codes, signals, the clock
_LEAVING = 60.0  # seconds for TensorFlow to end where all work is done


class Attempt(ABC):
    """What the watching processes have in common: children of their own, and the loop.

    failed: the codes of the children that have failed by a fault of their own, and said so.
    """

    def __init__(self, children: dict[int, Child], signals: Signals) -> None:
        self.children = children
        self.signals = signals
        self.run_folder: Path | None = None
        self.failed: dict[int, int] = {}
        self._exited: set[int] = set()
        self._asked = False
        self._beaten = 0.0

    def run(self) -> Verdict:
        """Until the run has ended; then no child is left."""
        try:
            while True:
                self._read()
                self._look_at_children()
                if self.signals.second:
                    return Verdict(128 + self.signals.second)
                if self.signals.name and not self._asked:
                    self._asked = True
                    self.stop(self.signals.name)
                if time.monotonic() - self._beaten > BEAT:
                    self._beaten = time.monotonic()
                    self.beat()
                verdict = self.judge(time.monotonic())
                if verdict is not None:
                    return verdict
        finally:
            for child in self.children.values():
                child.end()

    @abstractmethod
    def take(self, index: int, message: Message) -> None:
        """A message of a child, or of this process about it."""

    @abstractmethod
    def take_from_afar(self) -> None:
        """Reads what has come from other machines."""

    @abstractmethod
    def wires(self) -> list[Wire]:
        """The lines to other machines."""

    @abstractmethod
    def stop(self, name: str) -> None:
        """A signal was sent to this process."""

    @abstractmethod
    def beat(self) -> None:
        """A sign of life is due."""

    @abstractmethod
    def judge(self, now: float) -> Verdict | None:
        """How the run ends, if it does."""

    def note_run(self, message: Message) -> None:
        """The chief has made the run folder: what others print is kept there."""
        if "run" in message and self.run_folder is None:
            self.run_folder = Path(str(message["run"]))
            for index, child in self.children.items():
                if child.output is not None:
                    child.output.keep(self.run_folder / "workers" / f"worker-{index}.log")

    def _read(self) -> None:
        lines: list[Any] = [c.wire for c in self.children.values() if not c.wire.closed]
        outputs = [c.output for c in self.children.values() if c.output and not c.output.closed]
        afar = [wire for wire in self.wires() if not wire.closed]
        ready, _, _ = select.select([*lines, *outputs, *afar], [], [], _TICK)
        for index, child in self.children.items():
            if child.output in ready and child.output is not None:
                child.output.read()
            if child.wire in ready:
                self._drain(index, child)
        self.take_from_afar()

    def _drain(self, index: int, child: Child) -> None:
        for message in child.wire.receive():
            self.note_run(message)
            failed = message.get("failed")
            if isinstance(failed, dict) and not failed.get("peer"):
                self.failed[index] = int(failed["code"])
            self.take(index, message)

    def _look_at_children(self) -> None:
        for index, child in self.children.items():
            code = child.poll()
            if code is None or index in self._exited:
                continue
            while not child.wire.closed:  # its last words come before its end
                self._drain(index, child)
            self._exited.add(index)
            self.take(index, {"exit": code})


class Head(Attempt):
    """The process that decides: it watches the chief, or every worker of this machine.

    peers: the lines to the processes that watch the other workers. say: tells people a line.
    """

    def __init__(
        self,
        children: dict[int, Child],
        peers: dict[int, Wire],
        roll: Roll,
        signals: Signals,
        say: Callable[[str], None],
    ) -> None:
        super().__init__(children, signals)
        self._say = say
        self._said: set[str] = set()
        self._peers = peers
        self._roll = roll
        self._stopping = False
        self._released: float | None = None

    def take(self, index: int, message: Message) -> None:
        """Takes it down, and answers where all workers have spoken."""
        self._roll.hear(index, message, time.monotonic())
        if "stop" in message:
            self.stop(str(message["stop"]))
        if "share" in message:
            self.children[0].wire.send({**message, "of": index})

    def take_from_afar(self) -> None:
        """Messages of other workers."""
        for index, wire in self._peers.items():
            if wire.closed:
                continue
            if select.select([wire], [], [], 0)[0]:
                for message in wire.receive():
                    self.take(index, message)
            if wire.closed:
                self._roll.lose(index)

    def wires(self) -> list[Wire]:
        """Those of all peers."""
        return list(self._peers.values())

    def stop(self, name: str) -> None:
        """All workers hear of it; they agree after which step."""
        if not self._stopping:
            self._stopping = True
            self._roll.stopping = name
            self._tell({"stop": name})

    def beat(self) -> None:
        """The peers see that this process lives."""
        for wire in self._peers.values():
            wire.send({"beat": 1})

    def judge(self, now: float) -> Verdict | None:
        """The roll's verdict, which is told to all."""
        verdict = self._roll.verdict(now)
        if self._released is not None and now - self._released > _LEAVING:
            verdict = verdict or self._roll.as_finished()
        if verdict is not None:
            told = {"code": verdict.code, "lost": verdict.lost, "culprit": verdict.culprit}
            lines = [[it.rule, it.message, list(it.notes), it.severity] for it in verdict.findings]
            for wire in self._peers.values():
                wire.send({"verdict": {**told, "findings": lines, "text": verdict.text}})
            return verdict
        self._answer()
        for name, where in self._roll.awaited(now).items():
            if name not in self._said:
                self._said.add(name)
                self._say(f"the others wait for {name}, which is at {where}")
        return None

    def _answer(self) -> None:
        if self._roll.compared:
            self._roll.forget_facts()
            self._tell({"same": True})
        if self._roll.all_finished and self._released is None:
            self._released = time.monotonic()
            self._tell({"release": True})

    def _tell(self, message: Message) -> None:
        for wire in (*(child.wire for child in self.children.values()), *self._peers.values()):
            if not wire.closed:
                wire.send(message)


class Member(Attempt):
    """The process that watches one worker, and does as the chief's says.

    head: the line there. chief: what messages call that worker.
    """

    def __init__(
        self,
        children: dict[int, Child],
        head: Wire,
        chief: str,
        timeouts: Timeouts,
        signals: Signals,
        work: Work,
    ) -> None:
        super().__init__(children, signals)
        self._head = head
        self._chief = chief
        self._timeouts = timeouts
        self._work = work
        self._heard = time.monotonic()
        self._verdict: Verdict | None = None
        self._code: int | None = None

    def take(self, index: int, message: Message) -> None:
        """Passes it on."""
        if "exit" in message:
            self._code = int(message["exit"])
        self._head.send(message)

    def take_from_afar(self) -> None:
        """What the head has said: an answer for the child, or the end."""
        if self._head.closed or not select.select([self._head], [], [], 0)[0]:
            return
        self._heard = time.monotonic()
        for message in self._head.receive():
            if "verdict" in message:
                self._verdict = _read_verdict(message["verdict"])
            elif "beat" not in message:
                for child in self.children.values():
                    child.wire.send(message)

    def wires(self) -> list[Wire]:
        """The line to the head."""
        return [self._head]

    def stop(self, name: str) -> None:
        """The head is asked."""
        self._head.send({"stop": name})

    def beat(self) -> None:
        """The child's own beats are passed on: they are sign enough."""

    def judge(self, now: float) -> Verdict | None:
        """What the head has decided; where it is gone, that."""
        quiet = now - self._heard
        if self._verdict is None and self._head.closed:
            if self._code in (0, STOPPED):  # it had nothing more to wait for
                return Verdict(self._code)
            return self._lost(IS_GONE)
        if self._verdict is None and quiet > self._timeouts.heartbeat:
            return self._lost(is_quiet(quiet))
        return self._verdict

    def _lost(self, what: str) -> Verdict:
        finding = Finding(WORKER_LOST, f"{self._chief} {what}", notes=(self._work.again,))
        return Verdict(Lost.exit_code, (finding,), 0, lost=True)


def _read_verdict(told: Any) -> Verdict:
    findings = tuple(
        Finding(rule, message, severity=severity, notes=tuple(notes))
        for rule, message, notes, severity in told["findings"]
    )
    return Verdict(told["code"], findings, told["culprit"], told["lost"], told["text"])
