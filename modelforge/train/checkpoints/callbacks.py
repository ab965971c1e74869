"""The memory of callbacks: what each has learned since it was made, and how it gets it back."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras

from modelforge.train.checkpoints.plain import Unsayable, same_plain, write_plain

Say = Callable[[str], None]

# What Keras puts into every callback, and what two of its own turn over each time that they find
# out whether less is better: set again, they would turn it back.
_NOT_STATE = frozenset({"_model", "params", "validation_data", "min_delta", "monitor_op"})


class CallbackStates:
    """The callbacks of a run, which must just have been made.

    A callback's state is what its `get_state()` gives, and `set_state(state)` takes it. Where it
    has no such methods, it is every attribute that differs from when the callback was made: what
    was given to it (its patience, its path) is not state, and may be another in a resumed run.
    """

    def __init__(self, callbacks: Sequence[Any], say: Say) -> None:
        self._callbacks = dict(_named(callbacks))
        self._say = say
        self._told: set[tuple[str, str]] = set()
        self._made = {name: _plain_attributes(it) for name, it in self._callbacks.items()}
        self._objects = {name: dict(vars(it)) for name, it in self._callbacks.items()}

    def get(self) -> dict[str, Any]:
        """The state of each callback, by its class (and number, of several)."""
        return {name: self._state(name, callback) for name, callback in self._callbacks.items()}

    def prepare(self, saved: dict[str, Any]) -> None:
        """What has to come before `on_train_begin`: files are cut to what they were."""
        for name, callback in self._callbacks.items():
            state = saved.get(name)
            if isinstance(callback, keras.callbacks.CSVLogger) and state is not None:
                _cut(callback.filename, state["length"], self._say)

    def put(self, saved: dict[str, Any]) -> None:
        """Gives each callback its state, after `on_train_begin` has forgotten everything."""
        for name, callback in self._callbacks.items():
            if name not in saved:
                self._say(f"the callback `{name}` is new in this run: it starts anew")
            elif _speaks(callback):
                callback.set_state(saved[name])
            elif not isinstance(callback, keras.callbacks.CSVLogger):
                self._put_attributes(name, callback, saved[name])

    def _put_attributes(self, name: str, callback: Any, state: dict[str, Any]) -> None:
        # What is as it was made when the state was taken has to be so again.
        unchanged = _plain_attributes(callback).keys() & self._made[name].keys() - state.keys()
        for attribute in unchanged:
            # A copy: what is remembered must not change with the callback.
            setattr(callback, attribute, copy.deepcopy(self._made[name][attribute]))
        for attribute, value in state.items():
            setattr(callback, attribute, value)

    def _state(self, name: str, callback: Any) -> Any:
        if _speaks(callback):
            return callback.get_state()
        if isinstance(callback, keras.callbacks.CSVLogger):
            return {"length": _length(callback.filename)}
        made, state = self._made[name], {}
        for attribute, value in vars(callback).items():
            if attribute in _NOT_STATE:
                continue
            try:
                write_plain(value, [])
            except Unsayable as kind:
                self._tell_unsayable(name, callback, attribute, str(kind))
                continue
            if attribute not in made or not same_plain(value, made[attribute]):
                state[attribute] = value
        return state

    def _tell_unsayable(self, name: str, callback: Any, attribute: str, kind: str) -> None:
        """Tells once of what a callback of the user's own would lose."""
        known = type(callback).__module__.startswith("keras.")
        same = self._objects[name].get(attribute) is vars(callback)[attribute]
        if known or same or (name, attribute) in self._told:
            return
        self._told.add((name, attribute))
        self._say(
            f"the callback `{name}` keeps `{attribute}` ({kind}), which no checkpoint can hold: "
            "a resumed run loses it; give the callback get_state() and set_state(state)"
        )


def _named(callbacks: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    counts: dict[str, int] = {}
    for callback in callbacks:
        name = type(callback).__name__
        counts[name] = counts.get(name, 0) + 1
        yield (f"{name}#{counts[name]}" if counts[name] > 1 else name), callback


def _plain_attributes(callback: Any) -> dict[str, Any]:
    found = {}
    for name, value in vars(callback).items():
        try:
            write_plain(value, [])
        except Unsayable:
            continue
        if name not in _NOT_STATE:
            # A list would be changed in place, and with it what was remembered.
            found[name] = copy.deepcopy(value)
    return found


def _speaks(callback: Any) -> bool:
    return callable(getattr(callback, "get_state", None)) and callable(
        getattr(callback, "set_state", None)
    )


def _length(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0


def _cut(path: str, length: int, say: Say) -> None:
    there = _length(path)
    if there < length:
        say(f"`{path}` has lost rows: it held {length} bytes when the checkpoint was written")
    elif there > length:
        os.truncate(path, length)
