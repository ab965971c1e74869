"""The weights that Keras downloads: what is said where they are missing and nothing is there."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from modelforge.findings import Refused, Span, refuse

SECONDS = 30  # without an answer; Keras itself would wait as long as the system does


@contextmanager
def downloading(name: str, span: Span) -> Iterator[None]:
    """Around the making of a network; raises Refused where its weights cannot be had.

    name: the network's word; span: where the spec asks for its weights.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS)
    try:
        yield
    except Exception as error:
        place = _place(error)
        if place is None:
            raise
        raise _missing(name, place, error, span) from None
    finally:
        socket.setdefaulttimeout(before)


def _missing(name: str, place: str, error: Exception, span: Span) -> Refused:
    folder, file = os.path.split(place)
    said = (str(error).strip() or type(error).__name__).splitlines()[0]
    # The address of the file is of no use to who is not connected to it.
    reason = said.split(": ", 1)[-1] if said.startswith("URL fetch failure") else said
    return refuse(
        "weights-download",
        f"the weights of `{name}` are not in Keras's cache, and could not be downloaded: "
        f"`{file}` is missing",
        span,
        hint=f"where there is a network, build `{name}` once in Python; then copy `{file}` from "
        f"~/.keras/models there into `{folder}` here",
        notes=[
            f"it was looked for in `{folder}` (the environment variable KERAS_HOME moves the "
            "cache)",
            f"`weights: {file}` reads a copy of it beside the spec",
            "`weights: null` starts from random weights",
            f"Keras says: {reason[:200]}",
        ],
    )


def _place(error: BaseException) -> str | None:
    """Where Keras was to put the file that it could not get; None for any other trouble.

    No message says it, and the name of the file is not the one in the address.
    """
    frames: list[FrameType] = []
    seen: BaseException | None = error
    while seen is not None:
        trace = seen.__traceback__
        while trace is not None:
            frames.append(trace.tb_frame)
            trace = trace.tb_next
        seen = seen.__context__
    for frame in frames:
        if frame.f_code.co_name == "get_file":
            known = frame.f_locals
            folder, name = known.get("datadir"), known.get("fname")
            if isinstance(folder, str) and isinstance(name, str):
                return os.path.join(folder, name)
    return None
