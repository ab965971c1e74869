"""What a source is asked for as targets: the only one, which every output learns, or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from modelforge.catalog.own.targets import SEPARATOR
from modelforge.findings import Span
from modelforge.spec.values import Object, Value

ONLY = ""  # the name of a target that every output learns which has none of its own
TARGET = "target"
TABLE = "table"  # the argument of ImageFolder that names a CSV of its images
INPUTS = "inputs"  # what `data.target` says of outputs that learn the input
DEFAULTS = {"NPZ": "y"}  # what `target` is where it is left out
MULTI_LABEL: Final = "multi_label"  # a sample has any number of the labels


@dataclass(frozen=True, slots=True)
class Asked:
    """A target that is asked for.

    name: of the output that learns it, or ONLY. column: of the table, or the array. kind: auto,
    classes, number or multi_label. classes: their names in the order of the labels, or how many
    there are, if that is written. span, classes_span: where to blame. together: the columns of 0
    and 1, one for each label, that are a multi-label target together; then `column` is empty.
    separator: between the labels that stand in one column.
    """

    name: str
    column: str
    kind: str
    classes: tuple[str, ...] | int | None
    span: Span
    classes_span: Span
    together: tuple[str, ...] = ()
    separator: str = SEPARATOR

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it is read from."""
        return self.together or (self.column,)


def asked_targets(source: Object, *, needed: bool = True) -> tuple[Asked, ...]:
    """The targets that a source's arguments name.

    needed: whether there must be one; without it, what is not written is not asked for.
    """
    written = source.arguments.get(TARGET, DEFAULTS.get(source.name) if needed else None)
    if written is None:
        return ()
    if isinstance(written, Mapping):
        spans = [source.span_of(f"{TARGET}.{name}") for name in written]
        return tuple(
            _named(name, item, span)
            for (name, item), span in zip(written.items(), spans, strict=True)
        )
    kind = str(source.arguments.get("target_kind") or "auto").lower()
    if isinstance(written, tuple) and kind != MULTI_LABEL:
        spans = [source.span_of(f"{TARGET}.{number}") for number in range(len(written))]
        return tuple(
            _named(_column(item), item, span) for item, span in zip(written, spans, strict=True)
        )
    names = _classes(source.arguments.get("classes"))
    column, together = _columns(written)
    span, classes_span = source.span_of(TARGET), source.span_of("classes")
    separator = _separator(source)
    return (Asked(ONLY, column, kind, names, span, classes_span, together, separator),)


def has_several(source: Object) -> bool:
    """Whether the targets of a source have names."""
    written = source.arguments.get(TARGET)
    kind = str(source.arguments.get("target_kind") or "auto").lower()
    return isinstance(written, Mapping) or (isinstance(written, tuple) and kind != MULTI_LABEL)


def inputs_learned(target: str | Mapping[str, str] | None, inputs: Sequence[str]) -> dict[str, str]:
    """Which input each output learns by `data.target`.

    inputs: the names of what the data gives. What names no input stays as it is written.
    """
    if target is None:
        return {}
    if not isinstance(target, Mapping):
        return {ONLY: inputs[0]} if len(inputs) == 1 else {name: name for name in inputs}
    only = inputs[0] if len(inputs) == 1 else INPUTS
    return {output: only if name == INPUTS else name for output, name in target.items()}


def _named(name: str, item: Value, span: Span) -> Asked:
    if not isinstance(item, Object):
        return Asked(name, str(item), "auto", None, span, span)
    names = item.arguments.get("names")
    span_of_names = item.span_of("names") if names is not None else span
    column, together = _columns(item.arguments.get("from") or name)
    separator = _separator(item)
    return Asked(name, column, item.name, _classes(names), span, span_of_names, together, separator)


def _column(item: Value) -> str:
    """The column that one of several targets in a list is named after."""
    return _columns(item.arguments.get("from") or "")[0] if isinstance(item, Object) else str(item)


def _columns(written: Value) -> tuple[str, tuple[str, ...]]:
    """The column, or the columns that are one target together."""
    if isinstance(written, tuple):
        return "", tuple(str(column) for column in written)
    return str(written), ()


def _separator(item: Object) -> str:
    written = item.arguments.get("separator")
    return SEPARATOR if written is None else str(written)


def _classes(written: Value) -> tuple[str, ...] | int | None:
    if isinstance(written, tuple):
        return tuple(str(name) for name in written)
    return written if isinstance(written, int) and not isinstance(written, bool) else None
