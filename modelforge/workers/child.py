"""A process that trains: how it is started, read, and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from modelforge.workers import link
from modelforge.workers.cluster import Cluster
from modelforge.workers.tf_config import VARIABLE as TF_CONFIG
from modelforge.workers.wire import Wire

_TAIL = 20  # lines that are shown where a worker fails


class Child:
    """One worker's process. wire: to its link. output: what it prints, where that is caught."""

    def __init__(
        self,
        cluster: Cluster,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        stdin: str | None,
        caught: bool,
    ) -> None:
        ours, theirs = socket.socketpair()
        # Removed here, because a process that is killed removes nothing.
        self._scratch = tempfile.TemporaryDirectory(prefix=link.SCRATCH, ignore_cleanup_errors=True)
        with theirs, _text_file(stdin) as given:
            self._process = subprocess.Popen(
                command,
                env={
                    **environment,
                    TF_CONFIG: cluster.tf_config(),
                    link.VARIABLE: str(theirs.fileno()),
                    "TMPDIR": self._scratch.name,
                },
                stdin=given,
                stdout=subprocess.PIPE if caught else None,
                stderr=subprocess.STDOUT if caught else None,
                pass_fds=[theirs.fileno()],
                # Ctrl-C reaches the whole group of a terminal; workers hear of it through the link.
                start_new_session=True,
            )
        self.wire = Wire(ours)
        self.output = Output(self._process.stdout) if caught else None

    def poll(self) -> int | None:
        """Its exit code, below 0 for a signal; None while it runs."""
        return self._process.poll()

    def end(self) -> None:
        """Ends it and all that it has started, at once."""
        # After the process is reaped its number may be another's.
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self.output is not None:
            self.output.read()
            self.output.close()
        self.wire.close()
        self._scratch.cleanup()


class Output:
    """What a process prints, kept until the file is known that it belongs in."""

    def __init__(self, pipe: IO[Any] | None) -> None:
        assert pipe is not None
        self._pipe = pipe
        os.set_blocking(pipe.fileno(), False)
        self._held = bytearray()
        self._log: IO[bytes] | None = None
        self._last: deque[bytes] = deque(maxlen=_TAIL)
        self.closed = False

    def fileno(self) -> int:
        """For `select`."""
        return self._pipe.fileno()

    def read(self) -> None:
        """Takes what is there."""
        while not self.closed:
            try:
                some = os.read(self._pipe.fileno(), 65536)
            except (BlockingIOError, ValueError):
                return
            self.closed = not some
            self._last.extend(some.splitlines())
            if self._log is None:
                self._held += some
            else:
                self._put(some)

    def keep(self, path: Path) -> None:
        """Writes everything there from now on; a run goes on where it cannot be written."""
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            self._log = path.open("ab")
            self._put(bytes(self._held))

    def tail(self) -> str:
        """The last lines."""
        return b"\n".join(self._last).decode(errors="replace")

    def close(self) -> None:
        """Ends reading and writing."""
        self.closed = True
        self._pipe.close()
        if self._log is not None:
            self._log.close()

    def _put(self, some: bytes) -> None:
        assert self._log is not None
        with suppress(OSError):
            self._log.write(some)
            self._log.flush()


def _text_file(text: str | None) -> IO[bytes]:
    """A file to be read as standard input; an empty one for None."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asks for it closes it
    file.write((text or "").encode())
    file.seek(0)
    return file
