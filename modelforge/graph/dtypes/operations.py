"""The functions of `keras.ops`: they cast nothing, and promote what meets in them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from modelforge.graph.dtypes import words
from modelforge.graph.dtypes.call import (
    ANY,
    FLOAT,
    NUMBER,
    OTHER,
    TEXT,
    UNKNOWN,
    WHOLE_NUMBER,
    Call,
    Rule,
    Told,
    kind,
    unknown_of,
)
from modelforge.graph.dtypes.policy import named
from modelforge.graph.dtypes.promotion import BOOL, FLOATS, WEAK_FLOAT, WEAK_WHOLE, promoted
from modelforge.graph.shapes.known import Clash, Unknown
from modelforge.spec import Value

_SUMMED = {"uint8": "uint32", "uint16": "uint32", "int8": "int32", "int16": "int32", BOOL: "int32"}


def kept(call: Call) -> Told:
    """The first tensor, in another shape."""
    return next(iter(call.inputs.values()))[0]


def joined(call: Call) -> Told:
    """All of one dtype, texts too; or numbers, promoted."""
    call.alike()
    every = set(call.all)
    return every.pop() if len(every) == 1 else _promoted(call)


def numbers(call: Call) -> Told:
    """Numbers and bools, promoted."""
    call.numbers()
    return _promoted(call)


def no_bools(call: Call) -> Told:
    """Numbers, promoted; of bools, only where a number makes numbers of them."""
    found = _promoted(call)
    if found == BOOL:
        call.numbers(but=(BOOL,))
    if not set(call.all) <= {"string"}:  # texts can be added
        call.numbers()
    return found


def floated(call: Call) -> Told:
    """Floating-point numbers, whatever numbers it is given."""
    call.numbers()
    found = _promoted(call)
    if kind(found) in UNKNOWN:
        return found
    return found if found in FLOATS else promoted((found, WEAK_FLOAT), call.floatx)


def floats_alone(call: Call) -> Told:
    """Floating-point numbers; TensorFlow has nothing for others."""
    call.numbers(but=(WHOLE_NUMBER, BOOL))
    return _promoted(call)


def of_floats(call: Call) -> Told:
    """Floats of one dtype; of others, what it gives depends on the rest of the call."""
    if call.arguments.get("weights") is not None or next(iter(call.inputs)) in (
        "gamma",
        "scale",
        "weights",
    ):
        raise Unknown
    found = _promoted(call)
    return found if found in FLOATS and set(call.all) == {found} else unknown_of((found,))


def of_float32(call: Call) -> Told:
    """Floats: Keras says float32 of all of them, and gives their own."""
    call.numbers()
    return "float32" if set(call.all) == {"float32"} else unknown_of(call.all)


def product(call: Call) -> Told:
    """Numbers, promoted; sums of products of 8 bits have 32."""
    if any(isinstance(call.arguments.get(name), int | float) for name in _TENSORS):
        raise Unknown
    found = _promoted(call)
    return "int32" if found == "int8" else found


def divided(call: Call) -> Told:
    """Numbers, promoted; of bools it depends."""
    call.numbers()
    found = _promoted(call)
    return NUMBER if found == BOOL else found


def always(call: Call, *, dtype: str, texts: bool = False) -> Told:
    """The same dtype, whatever it is given."""
    if not texts:
        call.numbers()
    return dtype


def whole(call: Call) -> Told:
    """Whole numbers, with which bools may stand."""
    call.numbers(but=(FLOAT,))
    found = _promoted(call)
    if found == BOOL:
        call.numbers(but=(FLOAT, BOOL))
    if BOOL in call.all and not call.arguments.keys().isdisjoint(_TENSORS):
        raise Unknown
    return found


def summed(call: Call) -> Told:
    """Sums of narrow numbers are wider."""
    call.numbers()
    found = _promoted(call)
    return _SUMMED.get(found, found)


def running(call: Call) -> Told:
    """Running sums and the like, of bools as whole numbers."""
    call.numbers()
    written = call.arguments.get("dtype")
    if written is not None:
        raise Unknown
    found = _promoted(call)
    return "int32" if found == BOOL else found


def cast(call: Call) -> Told:
    """What the spec writes; texts cannot be cast."""
    call.numbers()
    written = call.arguments.get("dtype")
    if not isinstance(written, str):
        raise Unknown
    return named(written)


def alike(call: Call) -> Told:
    """`ones_like` and its kin: as the tensor, or as the spec writes."""
    written = call.arguments.get("dtype")
    if isinstance(written, str):
        return named(written)
    if written is not None:
        raise Unknown
    return kept(call)


def encoded(call: Call) -> Told:
    """`one_hot`: what the spec writes, else a float."""
    call.numbers()
    written = call.arguments.get("dtype")
    if written is not None and not isinstance(written, str):
        raise Unknown
    return named(written) if written else call.floatx


def chosen(call: Call) -> Told:
    """`where`: one or the other; the condition may be any number."""
    call.numbers()
    return _of(call, ("x1", "x2"))


def looked_up(call: Call) -> Told:
    """`take`: values of the tensor, at places that are numbers."""
    return call.inputs["x"][0] if "x" in call.inputs else ANY


def best(call: Call) -> Told:
    """`top_k`: values and their places."""
    call.numbers(but=(BOOL,))
    return (_promoted(call), "int32")


def padded(call: Call) -> Told:
    """`pad`: the tensor's own; what it is padded with is cast."""
    return kept(call)


def _strictly(rule: Rule) -> Rule:
    """The rule, for a function that makes an array of a number before it looks at its dtype.

    Keras says another dtype for it; so it is known where both ways lead to the same.
    """

    def told(call: Call) -> Told:
        found = rule(call)
        written = [name for name in _TENSORS if call.arguments.get(name) is not None]
        if not written:
            return found
        arrays = {name: _arrays(call.arguments[name], call.floatx) for name in written}
        rest = {name: it for name, it in call.arguments.items() if name not in arrays}
        names = {**call.names, **{name: (name,) for name in arrays}}
        try:
            other = rule(
                replace(call, arguments=rest, inputs={**call.inputs, **arrays}, names=names)
            )
        except Clash:
            return NUMBER
        return found if found == other else NUMBER

    return told


def _of_tensors(rule: Rule) -> Rule:
    """The rule, for a function of which Keras says something else where numbers are written."""

    def told(call: Call) -> Told:
        found = rule(call)
        return found if call.arguments.keys().isdisjoint(_TENSORS) else NUMBER

    return told


def _arrays(value: Value, floatx: str) -> tuple[str, ...]:
    """The dtype of the array that is made of what a spec writes."""
    (dtype,) = _written(value, floatx) or (WEAK_WHOLE,)
    return ({WEAK_WHOLE: "int32", WEAK_FLOAT: floatx}.get(dtype, dtype),)


def _promoted(call: Call) -> str:
    """The dtype of every tensor and of every number that is written in the place of one."""
    return _of(call, (*call.inputs, *(name for name in _TENSORS if name not in call.inputs)))


def _of(call: Call, names: tuple[str, ...]) -> str:
    dtypes = [
        dtype
        for name in names
        for dtype in call.inputs.get(name) or _written(call.arguments.get(name), call.floatx)
    ]
    kinds = {kind(dtype) for dtype in dtypes if dtype not in (WEAK_WHOLE, WEAK_FLOAT)}
    if not kinds.isdisjoint((ANY, OTHER, TEXT)):
        return ANY
    return NUMBER if NUMBER in kinds else promoted(dtypes, call.floatx)


# Tensors that a spec may write as numbers, and that count as much as the others.
_TENSORS = ("x1", "x2", "x", "y")


def _written(value: Value, floatx: str) -> tuple[str, ...]:
    """A number takes the width of what it meets; a list of them is an array with its own."""
    if value is None:
        return ()
    if isinstance(value, bool):
        return (BOOL,)
    if isinstance(value, int):
        return (WEAK_WHOLE,)
    if isinstance(value, float):
        return (WEAK_FLOAT,)
    if not isinstance(value, tuple):
        raise Unknown
    inner = {dtype for item in value for dtype in _written(item, floatx)}
    if WEAK_FLOAT in inner or floatx in inner:
        return (floatx,)
    return ("int32",) if inner & {WEAK_WHOLE, "int32"} else tuple(inner)


def _each(names: str, rule: Rule) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for name in names.split():
        if name in words.STRICT.split():
            found[f"ops.{name}"] = _strictly(rule)
        else:
            found[f"ops.{name}"] = _of_tensors(rule) if name in words.OF_TENSORS.split() else rule
    return found


RULES: dict[str, Rule] = {
    **_each(words.KEPT, kept),
    **_each(words.JOINED, joined),
    **_each(words.NUMBERS, numbers),
    **_each(words.NO_BOOLS, no_bools),
    **_each(words.FLOATED, floated),
    **_each(words.FLOATS_ALONE, floats_alone),
    **_each(words.OF_FLOATS, of_floats),
    **_each(words.OF_FLOAT32, of_float32),
    **_each(words.PRODUCTS, product),
    **_each(words.COMPARED, partial(always, dtype=BOOL, texts=True)),
    **_each(words.TRUTHS, partial(always, dtype=BOOL)),
    **_each(words.PLACES, partial(always, dtype="int32")),
    **_each(words.COUNTS, partial(always, dtype="int32", texts=True)),
    **_each(words.WHOLE_ALONE, whole),
    **_each(words.DIVIDED, divided),
    **_each(words.SUMS, summed),
    **_each(words.RUNNING, running),
    **_each("cast saturate_cast", cast),
    **_each("ones_like zeros_like", alike),
    "ops.one_hot": encoded,
    "ops.pad": padded,
    "ops.take": looked_up,
    "ops.top_k": best,
    "ops.where": chosen,
}
