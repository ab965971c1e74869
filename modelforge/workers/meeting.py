"""The processes that watch the workers meet before TensorFlow starts, which would wait for ever.

Everyone comes to the chief's address; the chief then calls each one at its own address, so that
a wrong address shows here. The lines that were opened stay open: the ports are free again for
TensorFlow, because nobody listens any more.
"""

from __future__ import annotations

import errno
import select
import socket
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from modelforge.findings import Finding, Lost, ModelForgeError, counted, listed, refuse
from modelforge.workers.cluster import Cluster, split_address
from modelforge.workers.differences import differences
from modelforge.workers.signals import Signals
from modelforge.workers.wire import Message, Wire
from modelforge.workers.work import TRAIN, Work

_CALL = 2.0  # seconds for one call
_PAUSE = 0.2  # seconds between two calls
_LATER = 30.0  # seconds in which the chief tells who is missing after it has waited itself


class Interrupted(Exception):
    """A signal came while the workers waited for one another."""


@dataclass(frozen=True)
class Meeting:
    """Where and how long. facts: what has to be the same everywhere, such as versions.

    seconds: `start_timeout`. work: what they meet for.
    """

    cluster: Cluster
    facts: dict[str, str]
    seconds: float
    signals: Signals
    work: Work = TRAIN

    def gather(self, message: Message) -> dict[int, Wire]:
        """At the chief: the lines to all others, who hear the message; Lost if one is missing."""
        until = time.monotonic() + self.seconds
        with closing(self._listen()) as door:
            lines = self._wait_for_all(door, until)
            missing = self._not_at_home(until)
            if missing:
                raise self._tell_missing(lines, missing, "does not answer at its address")
        for wire in lines.values():
            wire.send({"go": message})
        return lines

    def join(self) -> tuple[Wire, Message]:
        """At every other worker: the line to the chief, and its message."""
        until = time.monotonic() + self.seconds
        hello = {"worker": self.cluster.index, "facts": self.facts}
        message: Message | None = None
        with closing(self._listen()) as door:
            while message is None:
                wire = self._call_chief(until)
                wire.send({"hello": {**hello, "addresses": list(self.cluster.addresses)}})
                message = self._answered(door, wire, until)
        if "refused" not in message:
            return wire, message["go"]
        wire.close()
        rule, text, notes = message["refused"]
        if rule == "worker-missing":
            raise Lost([Finding(rule, text, notes=tuple(notes))])
        raise refuse(rule, text, notes=notes)

    def _listen(self) -> socket.socket:
        """This worker's own port: nobody else may have it."""
        address = self.cluster.addresses[self.cluster.index]
        host, port = split_address(address)
        door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("", port))
            door.listen(128)
        except OSError as error:
            door.close()
            raise _no_port(error, self.cluster, port) from None
        return door

    def _wait_for_all(self, door: socket.socket, until: float) -> dict[int, Wire]:
        lines: dict[int, Wire] = {}
        callers: list[Wire] = []
        while len(lines) < self.cluster.size - 1:
            self._check_signals()
            if time.monotonic() > until:
                missing = [i for i in range(1, self.cluster.size) if i not in lines]
                raise self._tell_missing(lines, missing, "did not come")
            waiting: list[Any] = [door, *callers]
            ready, _, _ = select.select(waiting, [], [], _PAUSE)
            for caller in [it for it in callers if it in ready]:
                if self._welcome(caller, lines) or caller.closed:
                    callers.remove(caller)
            if door in ready:
                callers.append(Wire(door.accept()[0]))
            for index in [i for i, wire in lines.items() if _hung_up(wire)]:
                del lines[index]  # it may come again
        return lines

    def _welcome(self, caller: Wire, lines: dict[int, Wire]) -> bool:
        """Takes in a worker that says who it is, once it has said all; a stranger is sent away."""
        heard = caller.receive()
        if not heard:
            return False
        said: Any = heard[0].get("hello")
        if not isinstance(said, dict) or said.get("worker") not in range(1, self.cluster.size):
            caller.close()
            return True
        index = said["worker"]
        if said.get("addresses") != list(self.cluster.addresses):
            notes = [f"worker 0: {listed(self.cluster.addresses)}"]
            notes.append(f"worker {index}: {listed(said.get('addresses') or ())}")
            text = f"worker {index} was told of another cluster than worker 0"
            raise self._refuse({**lines, index: caller}, "workers-differ", text, notes)
        if index in lines:
            text = f"two processes say that they are worker {index}"
            notes = ["give each process its own place among the workers"]
            raise self._refuse({**lines, -1: caller}, "worker-twice", text, notes)
        lines[index] = caller
        caller.send({"welcome": True})
        facts = {0: self.facts, index: said.get("facts") or {}}
        names = [self.cluster.named(i) for i in range(self.cluster.size)]
        for found in differences(facts, names, self.work.differ):
            raise self._refuse(lines, found.rule, found.message, list(found.notes))
        return True

    def _not_at_home(self, until: float) -> list[int]:
        """The workers that came, but that nothing leads to under their address."""
        left = set(range(1, self.cluster.size))
        while left and time.monotonic() < until:
            self._check_signals()
            left -= {index for index in left if self._is_at_home(index)}
            if left:
                time.sleep(_PAUSE)
        return sorted(left)

    def _is_at_home(self, index: int) -> bool:
        with suppress(OSError):
            host, port = split_address(self.cluster.addresses[index])
            wire = Wire(socket.create_connection((host, port), _CALL))
            with closing(wire):
                return any(said.get("worker") == index for said in wire.receive())
        return False

    def _call_chief(self, until: float) -> Wire:
        host, port = split_address(self.cluster.addresses[0])
        reason = ""
        while time.monotonic() < until:
            self._check_signals()
            try:
                return Wire(socket.create_connection((host, port), _CALL))
            except OSError as error:
                reason = error.strerror or str(error)
                time.sleep(_PAUSE)
        text = f"{self.cluster.named(0)} did not come within {self.seconds:.0f} seconds"
        notes = [f"the last call there: {reason[:1].lower()}{reason[1:]}"] if reason else []
        raise Lost([Finding("worker-missing", text, notes=(*notes, *self._advice))])

    def _answered(self, door: socket.socket, wire: Wire, until: float) -> Message | None:
        """The chief's answer; meanwhile its call at this worker's own address is taken.

        None where it hangs up: then it was no chief (yet).
        """
        while time.monotonic() < until:
            self._check_signals()
            both: list[Any] = [door, wire]
            ready, _, _ = select.select(both, [], [], _PAUSE)
            if door in ready:
                with closing(Wire(door.accept()[0])) as caller:
                    caller.send({"worker": self.cluster.index})
            if wire in ready:
                for message in wire.receive():
                    if "welcome" not in message:
                        return message
                    until = max(until, time.monotonic() + self.seconds + _LATER)
                if wire.closed:
                    time.sleep(_PAUSE)
                    return None
        text = f"{self.cluster.named(0)} answers, but not as the chief of these workers"
        raise Lost([Finding("worker-missing", text, notes=self._advice)])

    def _tell_missing(
        self, lines: dict[int, Wire], missing: list[int], what: str
    ) -> ModelForgeError:
        names = listed([self.cluster.named(index) for index in missing])
        text = f"{names} {what} within {self.seconds:.0f} seconds"
        self._refuse(lines, "worker-missing", text, list(self._advice))
        return Lost([Finding("worker-missing", text, notes=self._advice)])

    def _refuse(
        self, lines: dict[int, Wire], rule: str, text: str, notes: list[str]
    ) -> ModelForgeError:
        """Tells all that have come; the error to raise here."""
        for wire in lines.values():
            wire.send({"refused": [rule, text, notes]})
            wire.close()
        return refuse(rule, text, notes=notes)

    @property
    def _advice(self) -> tuple[str, ...]:
        """What to do where a worker is missing."""
        return _MISSING if self.work.together else (*_MISSING, self.work.again)

    def _check_signals(self) -> None:
        if self.signals.name:
            raise Interrupted


_MISSING = (
    "start every worker with the same command, and check the addresses and the firewall",
    "`MultiWorkerMirroredStrategy: {start_timeout: SECONDS}` waits longer",
)


def _hung_up(wire: Wire) -> bool:
    """Whether a worker that has come is gone again; while it waits it says nothing."""
    if select.select([wire], [], [], 0)[0]:
        wire.receive()
    return wire.closed


def _no_port(error: OSError, cluster: Cluster, port: int) -> ModelForgeError:
    if error.errno == errno.EADDRINUSE:
        text = (
            f"another process has the port {port}, which is that of {cluster.named(cluster.index)}"
        )
        note = "end that process, or give the workers other ports"
    else:
        text = (
            f"the port {port} of {cluster.named(cluster.index)} cannot be opened: {error.strerror}"
        )
        note = f"ports below 1024 need rights; {counted(cluster.size, 'worker')} need a port each"
    return Lost([Finding("port-in-use", text, notes=(note,))])
