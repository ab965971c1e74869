"""Paths into a spec: `--set path=value`, `patch`, `without` and `show --origin` walk them alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from modelforge.document import Entry, Mapping, Node, Scalar, Sequence, parse_value
from modelforge.document.limits import MAX_DEPTH
from modelforge.findings import Findings, Source, Span, did_you_mean, listed

FirstArgument = Callable[[str], str | None]
Change = Callable[[Node | None], Node | None]  # None: there is no value, or there shall be none
Place = Callable[[int, int], Span]  # the span of two offsets in a path's text

NAME = "--set"

# What stands beside the word in an item of a list; every other key is the word itself.
_OWN_KEYS = frozenset(
    {"name", "from", "call", "trainable", "dtype", "repeat", "for", "if", "merge"}
)

# Gone from the spec when paths are followed: see inherit.py.
_OBEYED = frozenset({"extends", "without", "patch"})


class _Step(NamedTuple):
    """A part of a path and its offsets in the text."""

    text: str
    start: int
    end: int


class _NoPlace(Exception):
    """A path that leads nowhere: what to say, and the steps to blame."""

    def __init__(self, message: str, step: _Step, hint: str = "", note: str = "") -> None:
        super().__init__(message)
        self.message, self.step, self.hint, self.note = message, step, hint, note


def override(
    root: Mapping, text: str, findings: Findings, first_argument: FirstArgument
) -> Mapping:
    """The spec with one override applied; unchanged after a finding."""
    source = Source(NAME, text)
    path, equals, _ = text.partition("=")
    steps = _steps(path)
    if not equals or not path.strip() or any(not step.text for step in steps):
        findings.error(
            "override",
            "an override is written `path=value`",
            Span(source, 1, 1, 1, max(len(path), 1) + 1),
            notes=["for example `train.epochs=5` or `model.layers.head.Dense.units=10`"],
        )
        return root
    value = parse_value(source, len(path) + 1, findings)
    if value is None:
        return root
    return walk(root, path, lambda _: value, place_in(source), findings, first_argument)


def place_in(source: Source) -> Place:
    """Offsets count from the beginning of the text's only line."""
    return lambda start, end: Span(source, 1, start + 1, 1, end + 1)


def walk(
    root: Mapping,
    path: str,
    change: Change,
    place: Place,
    findings: Findings,
    first_argument: FirstArgument,
    *,
    new: bool = True,
) -> Mapping:
    """The spec with `change` made at the end of a path; unchanged after a finding.

    new: whether the last step may be a key that is not there yet.
    """
    steps = _steps(path)
    try:
        if not all(step.text for step in steps):
            empty = next(step for step in steps if not step.text)
            raise _NoPlace("a step of this path is empty", empty, "write `a.b.c`")
        if steps[0].text in _OBEYED and steps[0].text not in root.entries:
            raise _NoPlace(
                f"`{steps[0].text}` is obeyed before paths are followed",
                steps[0],
                "write it into the spec",
            )
        if len(steps) > MAX_DEPTH:
            raise _NoPlace("the path has too many steps", steps[MAX_DEPTH])
        changed = _Walk(change, place, first_argument, new).into(root, steps, 0)
    except _NoPlace as error:
        step = error.step
        findings.error(
            "unknown-path",
            error.message,
            place(step.start, step.end),
            hint=error.hint,
            notes=[error.note] if error.note else [],
        )
        return root
    assert isinstance(changed, Mapping)
    return changed


def _steps(path: str) -> list[_Step]:
    steps, position = [], 0
    for part in path.split("."):
        steps.append(_Step(part.strip(), position, position + len(part)))
        position += len(part) + 1
    return steps


class _Walk:
    """Copies the nodes along a path, with the change made at its end."""

    def __init__(
        self, change: Change, place: Place, first_argument: FirstArgument, new: bool
    ) -> None:
        self._change = change
        self._place = place
        self._first_argument = first_argument
        self._new = new

    def into(self, node: Node, steps: list[_Step], at: int) -> Node | None:
        """The node with the rest of the path, from `at`, changed in it; None where it is gone."""
        if at == len(steps):
            return self._change(node)
        if isinstance(node, Sequence):
            return self._into_list(node, steps, at)
        if isinstance(node, Mapping):
            return self._into_mapping(node, steps, at)
        return self._into_scalar(node, steps, at)

    def _into_mapping(self, node: Mapping, steps: list[_Step], at: int) -> Mapping:
        key, after = _longest_key(node, steps, at)
        entries = dict(node.entries)
        if key in entries:
            entry = entries[key]
            return _replaced(node, key, entry.key_span, self._argument(entry, steps, after))
        if at + 1 < len(steps) or not self._new:
            where = ".".join(step.text for step in steps[:at])
            raise _NoPlace(
                f"there is no `{key}` in {f'`{where}`' if where else 'the spec'}",
                steps[at],
                did_you_mean(key, entries),
                f"it has: {listed(entries)}" if entries else "it is empty",
            )
        return _replaced(node, key, self._span(steps[at]), self._change(None))

    def _argument(self, entry: Entry, steps: list[_Step], at: int) -> Node | None:
        """The value of a key; the short form of a word is opened where the path goes into it."""
        node = entry.value
        closed = isinstance(node, Sequence) and not _leads_into_list(node, steps, at)
        if (
            at == len(steps)
            or isinstance(node, Mapping)
            or (isinstance(node, Sequence) and not closed)
        ):
            return self.into(node, steps, at)
        if isinstance(node, Scalar) and node.value == steps[at].text:
            return self.into(node, steps, at)
        if isinstance(node, Scalar) and node.value is None:
            return self.into(Mapping({}, node.span), steps, at)
        first = self._first_argument(entry.key)
        if first is None:
            return self.into(node, steps, at)
        opened = Mapping({first: Entry(first, node.span, node)}, node.span)
        return self.into(opened, steps, at)

    def _into_scalar(self, node: Scalar, steps: list[_Step], at: int) -> Node | None:
        step = steps[at]
        word = step.text
        if node.value == word:  # a word without arguments: `Adam`
            bare = Mapping({word: Entry(word, node.span, node)}, node.span)
            if at + 1 == len(steps):
                changed = self._change(node)
            else:
                changed = self.into(Mapping({}, node.span), steps, at + 1)
            return None if changed is None else _replaced(bare, word, node.span, changed)
        where = ".".join(step.text for step in steps[:at])
        shown = "empty" if node.value is None else f"`{node.value}`"
        can_hold = isinstance(node.value, str) and node.value.isidentifier()
        raise _NoPlace(
            f"`{where}` is {shown} and has no `{word}`",
            step,
            f"write `{where}.{node.value}.{word}=...`" if can_hold else "",
        )

    def _into_list(self, node: Sequence, steps: list[_Step], at: int) -> Sequence:
        index, after = self._find(node, steps, at)
        items = list(node.items)
        changed = self.into(items[index], steps, after)
        items[index : index + 1] = [] if changed is None else [changed]
        return Sequence(items, node.span)

    def _find(self, node: Sequence, steps: list[_Step], at: int) -> tuple[int, int]:
        """The position of the item that a step speaks of, and the step that goes on from it."""
        step = steps[at]
        count = len(node.items)
        if _is_index(step.text):
            index = int(step.text)
            if not -count <= index < count:
                has = f"it has {count} items, counted from 0" if count else "it is empty"
                raise _NoPlace(f"the list has no item {index}", step, note=has)
            return index % count, at + 1
        named = [index for index, item in enumerate(node.items) if _name(item) == step.text]
        if len(named) == 1:
            return named[0], at + 1
        worded = [index for index, item in enumerate(node.items) if _has_word(item, steps, at)]
        if len(worded) == 1 and not named:
            return worded[0], at  # the word is a key of the item, so the step is still to come
        if named or worded:
            raise _NoPlace(
                f"`{step.text}` stands {len(named) or len(worded)} times in the list",
                step,
                "name the item by its `name` or its number",
                f"their numbers: {listed(map(str, named or worded))}",
            )
        known = [name for item in node.items for name in _names(item)]
        raise _NoPlace(
            f"no item of the list is called `{step.text}`",
            step,
            did_you_mean(step.text, known),
            f"its items: {listed(dict.fromkeys(known))}" if known else "",
        )

    def _span(self, step: _Step) -> Span:
        return self._place(step.start, step.end)


def _replaced(node: Mapping, key: str, key_span: Span, value: Node | None) -> Mapping:
    entries = dict(node.entries)
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = Entry(key, key_span, value)
    return Mapping(entries, node.span)


def _longest_key(node: Mapping, steps: list[_Step], at: int) -> tuple[str, int]:
    """The key that the path goes on with; a key may hold dots itself (`ops.reshape`)."""
    for end in range(len(steps), at, -1):
        key = ".".join(step.text for step in steps[at:end])
        if key in node.entries:
            return key, end
    return steps[at].text, at + 1


def _is_index(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= 9


def _leads_into_list(node: Sequence, steps: list[_Step], at: int) -> bool:
    """Whether a step can mean an item of the list, and not another argument beside it."""
    if at == len(steps) or _is_index(steps[at].text):
        return True
    return any(steps[at].text in _names(item) for item in node.items)


def _name(item: Node) -> str | None:
    """The `name` of a layer, beside its word or among its arguments."""
    if not isinstance(item, Mapping):
        return None
    inner = [entry.value for entry in item if isinstance(entry.value, Mapping)]
    for mapping in (item, *inner):
        name = mapping.get("name")
        if isinstance(name, Scalar) and isinstance(name.value, str):
            return name.value
    return None


def _has_word(item: Node, steps: list[_Step], at: int) -> bool:
    if isinstance(item, Mapping):
        key, _ = _longest_key(item, steps, at)
        return key in item.entries and key not in _OWN_KEYS
    return isinstance(item, Scalar) and item.value == steps[at].text


def _names(item: Node) -> list[str]:
    if isinstance(item, Scalar):
        return [item.value] if isinstance(item.value, str) else []
    if isinstance(item, Sequence):
        return []
    own = _name(item)
    words = [key for key in item.entries if key not in _OWN_KEYS]
    return [own, *words] if own else words
