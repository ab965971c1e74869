"""Messages between processes: one JSON object per line over a socket."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import Any

Message = dict[str, Any]

_LONGEST = 2**22  # bytes of a line; what does not fit is no message of ours
_PATIENCE = 10.0  # seconds in which the other side takes a message; it is small, and it listens


class Wire:
    """One end. closed: the other end is gone, or what comes is no message."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._held = b""
        self.closed = False
        end.settimeout(_PATIENCE)

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def send(self, message: Message) -> None:
        """Sends it; where nobody is left to take it, `closed` becomes true."""
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except (OSError, ValueError):
            self.closed = True

    def receive(self) -> list[Message]:
        """Reads once, which blocks unless `select` says that there is something, and gives the
        messages that are whole by now.
        """
        try:
            read = self._socket.recv(65536)
        except OSError:
            read = b""
        *lines, self._held = (self._held + read).split(b"\n")
        self.closed = self.closed or not read or len(self._held) > _LONGEST
        messages = []
        for line in lines:
            try:
                message = json.loads(line)
            except (ValueError, RecursionError):
                message = None
            if not isinstance(message, dict):
                self.closed = True
                break
            messages.append(message)
        return messages

    def close(self) -> None:
        """Hangs up."""
        self.closed = True
        with suppress(OSError):
            self._socket.close()
