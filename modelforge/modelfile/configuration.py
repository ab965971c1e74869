"""The configuration in a model file: text of a bounded size and depth becomes plain values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from modelforge.modelfile.doubts import Doubts

Json = Any
MAX_DEPTH = 128
MAX_GROUPS = 1_000_000  # mappings and lists: a few bytes of text each, hundreds in memory


def read_configuration(text: bytes, doubts: Doubts) -> dict[str, Json] | None:
    """The configuration as plain values; None after a finding."""
    if text.count(b"{") + text.count(b"[") > MAX_GROUPS:
        doubts.say("model-config", f"its configuration has more than {MAX_GROUPS:,} groups")
        return None
    try:
        # As Keras itself reads it: what is checked must be what is built.
        found = json.loads(text)
    except RecursionError:
        _too_deep(doubts)
        return None
    except ValueError:  # also of a number with thousands of digits, and of text that is no UTF-8
        doubts.say("model-config", "its configuration is no valid JSON")
        return None
    if not isinstance(found, dict):
        doubts.say("model-config", "its configuration describes no model")
        return None
    if any(depth > MAX_DEPTH for _, depth in _walk(found)):
        _too_deep(doubts)
        return None
    return found


def _too_deep(doubts: Doubts) -> None:
    doubts.say("model-config", f"its configuration has more than {MAX_DEPTH} levels")


def _walk(root: Json) -> Iterator[tuple[Json, int]]:
    stack = [(root, 1)]
    while stack:
        value, depth = stack.pop()
        yield value, depth
        if depth > MAX_DEPTH:
            return
        if isinstance(value, dict):
            stack.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list):
            stack.extend((item, depth + 1) for item in value)
