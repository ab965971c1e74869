"""`repeat`, `for` and `if`: how often an item is there, and with which values."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Facts
from dataclasses import dataclass

from modelforge.document import Broken, Entry, Mapping, Node, Plain, Scalar, Sequence, plain
from modelforge.expand.item import Item
from modelforge.findings import Findings, Related, Span
from modelforge.resolve import RESERVED, Resolver, contains_waiting
from modelforge.resolve.scope import COUNTER
from modelforge.resolve.values import as_text

# What takes about a second: five times the layers of the largest network of keras.applications.
MAX_STEPS = 5_000  # layers, rounds and uses that a model may be made of: more rounds are of no use

Local = dict[str, Node]


@dataclass(frozen=True)
class Round:
    """One round of a loop: its number, the values of its variables, and how it is told."""

    number: int
    local: Local
    values: dict[str, Plain]


class Loops:
    """Reads the loops and conditions of items."""

    def __init__(self, resolver: Resolver, findings: Findings) -> None:
        self._resolver = resolver
        self._findings = findings

    def rounds(self, item: Item, local: Facts[str, Node]) -> tuple[Entry, list[Round]] | None:
        """The rounds of an item and the key that asks for them; None where it has no loop."""
        repeat, each = item.entry("repeat"), item.entry("for")
        if repeat is not None and each is not None:
            self._findings.error(
                "two-loops",
                "an item has either `repeat` or `for`",
                each.key_span,
                hint="`for` alone says how often: once for each value",
                related=[Related(repeat.key_span, "the other")],
            )
            return None
        if repeat is not None:
            return repeat, self._repeated(repeat, local)
        if each is not None:
            return each, self._each(each, local)
        return None

    def holds(self, item: Item, local: Facts[str, Node]) -> bool:
        """Whether an item is there at all; what could not be read counts as true."""
        condition = item.entry("if")
        if condition is None:
            return True
        node = self._resolver.within(condition.value, local)
        if isinstance(node, Broken) or self._waits(condition, node):
            return True
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self._findings.error(
            "wrong-type",
            f"`if` must be true or false, not {_told(node)}",
            condition.value.span,
            hint='write a condition, such as "${depth > 2}"',
        )
        return True

    def _repeated(self, entry: Entry, local: Facts[str, Node]) -> list[Round]:
        node = self._resolver.within(entry.value, local)
        if isinstance(node, Broken) or self._waits(entry, node):
            return [_round(0, {COUNTER: node})]
        count = node.value if isinstance(node, Scalar) else None
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= MAX_STEPS:
            self._findings.error(
                "wrong-type" if not isinstance(count, int) else "out-of-range",
                f"`repeat` must be an integer from 0 to {MAX_STEPS}, not {_told(node)}",
                entry.value.span,
                hint="to go through values, write `for: {name: [...]}`",
            )
            return [_round(0, {COUNTER: Scalar(0, entry.key_span)})]
        return [_round(i, {COUNTER: Scalar(i, entry.key_span)}) for i in range(count)]

    def _each(self, entry: Entry, local: Facts[str, Node]) -> list[Round]:
        if not isinstance(entry.value, Mapping) or not entry.value.entries:
            self._findings.error(
                "wrong-type",
                "`for` must be a mapping of names to lists",
                entry.key_span,
                hint="write `for: {filters: [64, 128]}`",
            )
            return []
        columns: dict[str, list[Node]] = {}
        spans: dict[str, Span] = {}
        for variable in entry.value:
            if not self._may_be_called(variable):
                continue
            values = self._values(variable, local)
            if values is not None:
                columns[variable.key], spans[variable.key] = values, variable.key_span
        return list(self._in_step(columns, spans, entry))

    def _in_step(
        self, columns: dict[str, list[Node]], spans: dict[str, Span], entry: Entry
    ) -> Iterator[Round]:
        if not columns:
            return
        first, *others = columns
        count = len(columns[first])
        for name in others:
            if len(columns[name]) != count:
                self._findings.error(
                    "unequal-lengths",
                    f"`{name}` has {len(columns[name])} values and `{first}` has {count}",
                    spans[name],
                    hint="the lists of a `for` go in step: give them equally many values",
                    related=[Related(spans[first], f"`{first}`")],
                )
        for number in range(min(map(len, columns.values()))):
            local = {name: values[number] for name, values in columns.items()}
            yield _round(number, local, Scalar(number, entry.key_span))

    def _values(self, variable: Entry, local: Facts[str, Node]) -> list[Node] | None:
        node = self._resolver.within(variable.value, local)
        if isinstance(node, Broken):
            return None
        if isinstance(node, Sequence) and len(node.items) <= MAX_STEPS:
            return node.items
        found = f"a list of {len(node.items)}" if isinstance(node, Sequence) else _told(node)
        self._findings.error(
            "wrong-type",
            f"`{variable.key}` of `for` must be a list of at most {MAX_STEPS} values, not {found}",
            variable.value.span,
        )
        return None

    def _may_be_called(self, variable: Entry) -> bool:
        return check_variable(variable, "a variable of a loop", self._findings)

    def _waits(self, entry: Entry, node: Node) -> bool:
        if not contains_waiting(node):
            return False
        self._findings.error(
            "not-yet-known",
            f"`{entry.key}` needs a value that is known before the data is opened",
            entry.value.span,
            notes=["which layers a model has cannot depend on `data`; their arguments can"],
        )
        return True


def check_variable(variable: Entry, what: str, findings: Findings) -> bool:
    """Whether expressions can speak of a parameter or a loop's variable by this name."""
    if variable.key.isidentifier() and variable.key not in RESERVED:
        return True
    findings.error(
        "variable-name",
        f"`{variable.key}` cannot be the name of {what}",
        variable.key_span,
        notes=[
            "names consist of letters, digits and `_`, begin with no digit, and are no word "
            "of the expressions"
        ],
    )
    return False


def _round(number: int, local: Local, counter: Scalar | None = None) -> Round:
    values = {name: plain(node) for name, node in local.items()}
    if counter is not None:
        local = {COUNTER: counter, **local}
    return Round(number, local, values)


def _told(node: Node) -> str:
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            return f"the text `{node.value[:40]}`"
        return as_text(node.value)
    return "a list" if isinstance(node, Sequence) else "a mapping"
