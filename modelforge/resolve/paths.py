"""Paths into a spec: `--set path=value`, `patch`, `without` and `show --origin` walk them alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from modelforge.document import Entry, Mapping, Node, Scalar, Sequence, at
from modelforge.document.limits import MAX_DEPTH
from modelforge.findings import Findings, Source, Span, did_you_mean, listed
from modelforge.resolve.beside import BESIDE
from modelforge.resolve.inheritance import INHERITING

FirstArgument = Callable[[str], str | None]
Change = Callable[[Node | None], Node | None]  # None: there is no value, or there shall be none
Place = Callable[[int, int], Span]  # the span of two offsets in a path's text


class Step(NamedTuple):
    """A part of a path and its offsets in the text."""

    text: str
    start: int
    end: int


class NoPlace(Exception):
    """A path that leads nowhere: what to say, and the steps to blame."""

    def __init__(self, message: str, step: Step, hint: str = "", note: str = "") -> None:
        super().__init__(message)
        self.message, self.step, self.hint, self.note = message, step, hint, note


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
    try:
        return follow(root, path, change, place, first_argument, new=new)
    except NoPlace as missed:
        report(missed, place, findings)
        return root


def follow(
    root: Mapping,
    path: str,
    change: Change,
    place: Place,
    first_argument: FirstArgument,
    *,
    new: bool = True,
) -> Mapping:
    """What `walk` does; raises NoPlace where the path leads nowhere."""
    steps = steps_of(path)
    if not all(step.text for step in steps):
        empty = next(step for step in steps if not step.text)
        raise NoPlace("a step of this path is empty", empty, "write `a.b.c`")
    if steps[0].text in INHERITING and steps[0].text not in root.entries:
        raise NoPlace(
            f"`{steps[0].text}` is obeyed before paths are followed",
            steps[0],
            "write it into the spec",
        )
    if len(steps) > MAX_DEPTH:
        raise NoPlace("the path has too many steps", steps[MAX_DEPTH])
    changed = _Walk(change, place, _or_parameter(first_argument, root), new).into(root, steps, 0)
    assert isinstance(changed, Mapping)
    return changed


def _or_parameter(first_argument: FirstArgument, root: Mapping) -> FirstArgument:
    """A block has a short form too: its first parameter."""

    def first(word: str) -> str | None:
        params = at(root, ("blocks", word, "params"))
        parameter = next(iter(params.entries), None) if isinstance(params, Mapping) else None
        return first_argument(word) or parameter

    return first


def report(missed: NoPlace, place: Place, findings: Findings) -> None:
    """Says where a path leads nowhere."""
    findings.error(
        "unknown-path",
        missed.message,
        place(missed.step.start, missed.step.end),
        hint=missed.hint,
        notes=[missed.note] if missed.note else [],
    )


def steps_of(path: str) -> list[Step]:
    """The parts of a path."""
    steps, position = [], 0
    for part in path.split("."):
        steps.append(Step(part.strip(), position, position + len(part)))
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

    def into(self, node: Node, steps: list[Step], at: int) -> Node | None:
        """The node with the rest of the path, from `at`, changed in it; None where it is gone."""
        if at == len(steps):
            return self._change(node)
        if isinstance(node, Sequence):
            return self._into_list(node, steps, at)
        if isinstance(node, Mapping):
            return self._into_mapping(node, steps, at)
        return self._into_scalar(node, steps, at)

    def _into_mapping(self, node: Mapping, steps: list[Step], at: int) -> Mapping:
        key, after = _longest_key(node, steps, at)
        entries = dict(node.entries)
        if key in entries:
            entry = entries[key]
            return _replaced(node, key, entry.key_span, self._argument(entry, steps, after))
        if at + 1 < len(steps) or not self._new:
            where = ".".join(step.text for step in steps[:at])
            raise NoPlace(
                f"there is no `{key}` in {f'`{where}`' if where else 'the spec'}",
                steps[at],
                did_you_mean(key, entries),
                f"it has: {listed(entries)}" if entries else "it is empty",
            )
        return _replaced(node, key, self._span(steps[at]), self._change(None))

    def _argument(self, entry: Entry, steps: list[Step], at: int) -> Node | None:
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

    def _into_scalar(self, node: Scalar, steps: list[Step], at: int) -> Node | None:
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
        raise NoPlace(
            f"`{where}` is {shown} and has no `{word}`",
            step,
            f"write `{where}.{node.value}.{word}=...`" if can_hold else "",
        )

    def _into_list(self, node: Sequence, steps: list[Step], at: int) -> Sequence:
        index, after = self._find(node, steps, at)
        items = list(node.items)
        changed = self.into(items[index], steps, after)
        items[index : index + 1] = [] if changed is None else [changed]
        return Sequence(items, node.span)

    def _find(self, node: Sequence, steps: list[Step], at: int) -> tuple[int, int]:
        """The position of the item that a step speaks of, and the step that goes on from it."""
        step = steps[at]
        count = len(node.items)
        if _is_index(step.text):
            index = int(step.text)
            if not -count <= index < count:
                has = f"it has {count} items, counted from 0" if count else "it is empty"
                raise NoPlace(f"the list has no item {index}", step, note=has)
            return index % count, at + 1
        named, after = _named(node, steps, at)
        if len(named) == 1:
            return named[0], after
        worded = [index for index, item in enumerate(node.items) if _has_word(item, steps, at)]
        if len(worded) == 1 and not named:
            return worded[0], at  # the word is a key of the item, so the step is still to come
        if named or worded:
            raise NoPlace(
                f"`{step.text}` stands {len(named) or len(worded)} times in the list",
                step,
                "name the item by its `name` or its number",
                f"their numbers: {listed(map(str, named or worded))}",
            )
        raise _not_called(node, steps, at)

    def _span(self, step: Step) -> Span:
        return self._place(step.start, step.end)


def _replaced(node: Mapping, key: str, key_span: Span, value: Node | None) -> Mapping:
    entries = dict(node.entries)
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = Entry(key, key_span, value)
    return Mapping(entries, node.span)


def _longest_key(node: Mapping, steps: list[Step], at: int) -> tuple[str, int]:
    """The key that the path goes on with; a key may hold dots itself (`ops.reshape`)."""
    for end in range(len(steps), at, -1):
        key = _joined(steps, at, end)
        if key in node.entries:
            return key, end
    return steps[at].text, at + 1


def _named(node: Sequence, steps: list[Step], at: int) -> tuple[list[int], int]:
    """The items called as the path goes on; a name may hold dots itself (`stage.2.conv`)."""
    names = [_name(item) for item in node.items]
    for end in range(len(steps), at, -1):
        name = _joined(steps, at, end)
        if name in names:
            return [index for index, own in enumerate(names) if own == name], end
    return [], at


def _not_called(node: Sequence, steps: list[Step], at: int) -> NoPlace:
    """No item is called so; of a path name, the step is blamed that no name goes on with."""
    names = [name for item in node.items if (name := _name(item))]
    end = at + 1
    while end < len(steps) and any(
        name.startswith(_joined(steps, at, end) + ".") for name in names
    ):
        end += 1
    wanted = _joined(steps, at, end)
    if end > at + 1:
        known = [".".join(name.split(".")[: end - at]) for name in names]
        known = [name for name in known if name.startswith(_joined(steps, at, end - 1) + ".")]
        note = f"there are: {listed(dict.fromkeys(known))}"
        if wanted in known:
            return NoPlace(f"`{wanted}` is not one layer but several", steps[end - 1], note=note)
        message = f"no layer is called `{wanted}`"
    else:
        known = [name for item in node.items for name in _names(item)]
        note = f"its items: {listed(dict.fromkeys(known))}" if known else ""
        message = f"no item of the list is called `{wanted}`"
    return NoPlace(message, steps[end - 1], did_you_mean(wanted, known), note)


def _joined(steps: list[Step], start: int, end: int) -> str:
    return ".".join(step.text for step in steps[start:end])


def _is_index(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= 9


def _leads_into_list(node: Sequence, steps: list[Step], at: int) -> bool:
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


def _has_word(item: Node, steps: list[Step], at: int) -> bool:
    if isinstance(item, Mapping):
        key, _ = _longest_key(item, steps, at)
        return key in item.entries and key not in BESIDE
    return isinstance(item, Scalar) and item.value == steps[at].text


def _names(item: Node) -> list[str]:
    if isinstance(item, Scalar):
        return [item.value] if isinstance(item.value, str) else []
    if isinstance(item, Sequence):
        return []
    own = _name(item)
    words = [key for key in item.entries if key not in BESIDE]
    return [own, *words] if own else words
