"""Two resolved specs, held against each other: the paths at which they differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import Enum
from typing import Any, NamedTuple

from modelforge.document import Path


class Missing(Enum):
    """Stands for a value that one of the two does not have."""

    MISSING = "missing"


MISSING = Missing.MISSING


class Difference(NamedTuple):
    """A place at which two specs differ; lists may have moved, so each side has its own path."""

    left_path: Path
    left: Any
    right_path: Path
    right: Any

    @property
    def path(self) -> str:
        """The path as `--set` takes it, in the spec that has the value."""
        return ".".join(map(str, self.right_path if self.left is MISSING else self.left_path))


class Pair(NamedTuple):
    """What stands at corresponding paths of the two."""

    left_path: Path
    left: Any
    right_path: Path
    right: Any

    def below(self, key: str) -> Pair:
        """The values of a key."""
        return Pair(
            (*self.left_path, key),
            self.left.get(key, MISSING),
            (*self.right_path, key),
            self.right.get(key, MISSING),
        )


def differences(left: Any, right: Any) -> list[Difference]:
    """All differences of two plain values, in the order of the left one."""
    return list(_compare(Pair((), left, (), right)))


def _compare(pair: Pair) -> Iterator[Difference]:
    left, right = pair.left, pair.right
    if isinstance(left, dict) and isinstance(right, dict) and not _other_word(pair):
        for key in dict.fromkeys([*left, *right]):
            yield from _compare(pair.below(key))
    elif _is_list_of_objects(left) and _is_list_of_objects(right):
        yield from _compare_lists(pair)
    elif left != right or isinstance(left, bool) is not isinstance(right, bool):
        yield Difference(*pair)


def _other_word(pair: Pair) -> bool:
    """Whether the two name different words: their arguments have nothing to do with each other."""
    left, right = _word(pair.left), _word(pair.right)
    return left is not None and right is not None and left != right


def _word(value: Any) -> str | None:
    """The word of an object; words with arguments begin with a capital, or hold a dot (`ops.x`)."""
    if isinstance(value, str):
        return value
    first = str(next(iter(value), "")) if isinstance(value, dict) else ""
    return first if first[:1].isupper() or "." in first else None


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict | str) for item in value)


def _compare_lists(pair: Pair) -> Iterator[Difference]:
    """Items that are equal belong together, then those of the same word, then what is left."""
    texts = [
        [json.dumps(item, sort_keys=True) for item in side] for side in (pair.left, pair.right)
    ]
    for tag, i1, i2, j1, j2 in _matched(*texts):
        if tag == "equal":
            continue
        words = [
            [_word(item) for item in pair.left[i1:i2]],
            [_word(item) for item in pair.right[j1:j2]],
        ]
        for _, a1, a2, b1, b2 in _matched(*words):
            yield from _in_turn(pair, range(i1 + a1, i1 + a2), range(j1 + b1, j1 + b2))


def _in_turn(pair: Pair, left: range, right: range) -> Iterator[Difference]:
    for step in range(max(len(left), len(right))):
        i = left[step] if step < len(left) else -1
        j = right[step] if step < len(right) else -1
        yield from _compare(
            Pair(
                (*pair.left_path, i),
                pair.left[i] if i >= 0 else MISSING,
                (*pair.right_path, j),
                pair.right[j] if j >= 0 else MISSING,
            )
        )


def _matched(left: Sequence[Any], right: Sequence[Any]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
