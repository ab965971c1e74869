"""One call of a layer as the rules of dtypes see it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from modelforge.graph.dtypes.promotion import BOOL, FLOATS, STRING, WHOLE
from modelforge.graph.shapes.known import Clash, Unknown
from modelforge.spec import Object, Value

# What stands in the place of a dtype that is not known: a real number of some kind, or anything.
NUMBER, ANY = "number", "any"
UNKNOWN = (NUMBER, ANY)

# Kinds of dtypes.
FLOAT, WHOLE_NUMBER, TEXT, OTHER = "float", "whole number", "text", "other"

_NAMES = {FLOAT: "floating-point numbers", WHOLE_NUMBER: "whole numbers", BOOL: "bools"}

# One dtype for every output, or one for each of them.
Told: TypeAlias = "str | tuple[str, ...]"
Rule: TypeAlias = "Callable[[Call], Told]"


class TextAsNumber(Clash):
    """Texts reach what computes with numbers."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a layer is called on.

    arguments: as they are written; defaults: the catalog's. inputs: dtypes by call argument, those
    of a layer after it has cast them. names: where they come from, in the same order. compute: the
    dtype in which the layer computes; variable: that of its weights; floatx: of floats where
    nothing says it, which for an operation all three are.
    inner: what a layer within this one gives, called on these dtypes.
    """

    arguments: Mapping[str, Value]
    defaults: Mapping[str, Value]
    inputs: Mapping[str, tuple[str, ...]]
    names: Mapping[str, tuple[str, ...]]
    compute: str
    variable: str
    floatx: str
    inner: Callable[[Object, Mapping[str, tuple[str, ...]]], Told]

    def value(self, name: str) -> Value:
        """The value as it is written, else the default."""
        return self.arguments.get(name, self.defaults.get(name))

    @property
    def all(self) -> tuple[str, ...]:
        """Every dtype that it is called on."""
        return tuple(dtype for dtypes in self.inputs.values() for dtype in dtypes)

    def numbers(self, *, but: Iterable[str] = ()) -> None:
        """Refuses texts, in whichever argument, and what is of one of these kinds."""
        refused = (TEXT, *but)
        for argument, dtypes in self.inputs.items():
            for name, dtype in zip(self.names[argument], dtypes, strict=True):
                if kind(dtype) in refused:
                    raise refusal(name, dtype, refused)

    def alike(self) -> None:
        """Refuses texts beside numbers, which Keras cannot bring together."""
        kinds = {kind(dtype) for dtype in self.all}
        if TEXT not in kinds or kinds <= {TEXT, ANY}:
            return
        found = zip(*(sum(group.values(), ()) for group in (self.names, self.inputs)), strict=True)
        by_kind: dict[bool, str] = {}
        for name, dtype in found:
            by_kind.setdefault(dtype == STRING, name)
        raise TextAsNumber(
            f"brings together texts, of `{by_kind[True]}`, and numbers, of `{by_kind[False]}`"
        )


def refusal(name: str, dtype: str, refused: Collection[str]) -> Clash:
    """What is said of an input of a kind that is refused."""
    if kind(dtype) == TEXT:
        return TextAsNumber(f"computes with numbers, but `{name}` gives texts")
    taken = " and ".join(told for it, told in _NAMES.items() if it not in refused)
    target = "int32" if FLOAT in refused else "float32"
    return Clash(
        f"takes {taken}, but `{name}` gives {dtype}", f"put `ops.cast: {target}` before it"
    )


def kind(dtype: str) -> str:
    """Of which kind a dtype is; NUMBER and ANY are kinds of their own."""
    if dtype in FLOATS:
        return FLOAT
    if dtype in WHOLE:
        return WHOLE_NUMBER
    if dtype in (BOOL, *UNKNOWN):
        return dtype
    return TEXT if dtype == STRING else OTHER


def unknown_of(dtypes: Iterable[str]) -> str:
    """What is left to say where a rule does not know: whether it is a number at all."""
    kinds = {kind(dtype) for dtype in dtypes}
    return NUMBER if kinds <= {FLOAT, WHOLE_NUMBER, BOOL, NUMBER} else ANY


def text_argument(call: Call, name: str) -> str:
    """A text in lower case; raises Unknown for anything else, such as one that waits for data."""
    found = call.value(name)
    if not isinstance(found, str):
        raise Unknown
    return found.lower()
