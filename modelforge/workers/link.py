"""A worker's line to the process that watches it: signs of life, and questions to all workers."""

from __future__ import annotations

import os
import queue
import select
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache

from modelforge.findings import Lost
from modelforge.workers.wire import Message, Wire

VARIABLE = "MODELFORGE_SUPERVISOR"  # the number of the open socket that leads there
SCRATCH = "modelforge-worker-"  # how the folder's name begins that a worker has for a while
BEAT = 1.0  # seconds between two signs of life

# What a worker is doing, for those who watch it. Steps are made by all workers at once: only there
# does one that stands still hold up the others.
JOINING, PREPARING, TRAINING, ENDING = "joining", "preparing", "training", "ending"
# Or each works at a share of its own, and the chief waits for those of the others.
MEASURING, GATHERING = "measuring", "gathering"

_PIECE = 2**18  # characters of a message: a share may be longer than a line can be


class Link:
    """The worker's end. A thread of its own keeps it alive while TensorFlow computes.

    phase, steps: what the worker does, and how many steps it has made.
    """

    def __init__(self, wire: Wire) -> None:
        self.phase = PREPARING
        self.steps = 0
        self._wire = wire
        self._sending = threading.Lock()
        self._answers: queue.Queue[Message] = queue.Queue()
        self._pieces: queue.Queue[Message] = queue.Queue()
        self._stop = ""
        self._ask: Callable[[str], None] | None = None
        threading.Thread(target=self._live, daemon=True, name="supervisor").start()

    def tell(self, message: Message) -> None:
        """Sends a message of any sort."""
        with self._sending:
            self._wire.send(message)

    def hear_of_stops(self, ask: Callable[[str], None]) -> None:
        """ask: is called, on a thread of its own, with the signal for which all are to stop."""
        self._ask = ask
        if self._stop:
            ask(self._stop)

    def compare(self, facts: Mapping[str, str]) -> None:
        """Waits until all workers have told theirs; where they differ, all are ended."""
        self.tell({"same": dict(facts)})
        self._wait("same")

    def hand_in(self, text: str) -> None:
        """Sends this worker's share to the chief."""
        for start in range(0, max(1, len(text)), _PIECE):
            last = start + _PIECE >= len(text)
            self.tell({"share": {"text": text[start : start + _PIECE], "last": last}})

    def shares(self, others: int) -> list[str]:
        """Waits, as the chief, for the shares of so many other workers; in their order."""
        self.phase = GATHERING
        texts: dict[int, list[str]] = {}
        missing = others
        while missing:
            message = self._pieces.get()
            texts.setdefault(int(message["of"]), []).append(str(message["share"]["text"]))
            missing -= bool(message["share"]["last"])
        return ["".join(texts[index]) for index in sorted(texts)]

    def wait_for_all(self, code: int) -> None:
        """Waits until every worker has come to its end, so that TensorFlow misses none before."""
        self.phase = ENDING
        self.tell({"finished": code})
        self._wait("release")

    def fail(self, code: int, text: str, *, peer: bool = False) -> None:
        """Tells why this worker ends. peer: because another one was lost, as it seems."""
        self.tell({"failed": {"code": code, "text": text, "peer": peer}})

    def _wait(self, name: str) -> None:
        while name not in self._answers.get():
            pass

    def _live(self) -> None:
        while True:
            beat = {"phase": self.phase, "steps": self.steps, "at": _where()}
            self.tell({"beat": beat})
            ready, _, _ = select.select([self._wire], [], [], BEAT)
            if ready:
                for message in self._wire.receive():
                    self._take(message)
            if self._wire.closed:
                # Whoever watched is gone: nobody else would end a worker that waits in a step, or
                # remove what it has written meanwhile.
                if SCRATCH in (scratch := os.environ.get("TMPDIR", "")):
                    shutil.rmtree(scratch, ignore_errors=True)
                os._exit(Lost.exit_code)

    def _take(self, message: Message) -> None:
        if "share" in message:
            self._pieces.put(message)
            return
        if "stop" not in message:
            self._answers.put(message)
            return
        self._stop = str(message["stop"])
        if self._ask is not None:
            with suppress(OSError):  # it is asked, although nobody may hear of it
                self._ask(self._stop)


def _where() -> str:
    """The line of Python at which this process is; empty within TensorFlow.

    There it computes, or waits for other workers: a worker that is somewhere else holds them up.
    """
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    while frame is not None and frame.f_code.co_filename == threading.__file__:
        frame = frame.f_back  # what waits for a thread is where it was called
    if frame is None or f"{os.sep}tensorflow{os.sep}" in frame.f_code.co_filename:
        return ""
    code = frame.f_code
    return f"{os.path.basename(code.co_filename)}:{frame.f_lineno}, {code.co_name}"


@cache
def supervisor_link() -> Link | None:
    """This process's link; None where nobody watches it."""
    number = os.environ.pop(VARIABLE, "")
    if not number.isdecimal():
        return None
    os.set_inheritable(int(number), False)  # it is not for what this process starts
    return Link(Wire(socket.socket(fileno=int(number))))
