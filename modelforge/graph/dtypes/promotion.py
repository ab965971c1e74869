"""Keras's type promotion: which dtype holds what several dtypes give together.

The lattice is the one of `keras.backend.result_type`, which follows that of `jax.numpy`:
https://docs.jax.dev/en/latest/type_promotion.html. 64 bits become 32 for unsigned numbers alone,
as Keras has it with TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from modelforge.graph.shapes.known import Unknown

BOOL, STRING = "bool", "string"
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
WHOLE = frozenset((*SIGNED, *UNSIGNED))
FLOATS = frozenset(("bfloat16", "float16", "float32", "float64"))
# A number as Python has it, which takes the width of what it meets.
WEAK_WHOLE, WEAK_FLOAT = "int", "float"

_ABOVE: dict[str, tuple[str, ...]] = {
    BOOL: (WEAK_WHOLE,),
    WEAK_WHOLE: ("uint8", "int8"),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": (WEAK_FLOAT,),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": (WEAK_FLOAT,),
    WEAK_FLOAT: ("bfloat16", "float16"),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64",),
    "float64": (),
}


def promoted(dtypes: Iterable[str], floatx: str = "float32") -> str:
    """The dtype of them all; raises Unknown where one is neither a number nor a bool.

    Among them may be `int` and `float`, which stand for numbers that a spec writes. floatx: what a
    float is where nothing says how wide it is.
    """
    return _promoted(frozenset(dtypes), floatx)


@cache
def _promoted(dtypes: frozenset[str], floatx: str) -> str:
    if not dtypes or not dtypes <= _ABOVE.keys():
        raise Unknown
    common = frozenset.intersection(*(_reached(dtype) for dtype in dtypes))
    least = (common & dtypes) or {it for it in common if common <= _reached(it)}
    (found,) = least
    width = floatx.removeprefix("b")[-2:]
    return {WEAK_WHOLE: f"int{width}", WEAK_FLOAT: f"float{width}", "uint64": "uint32"}.get(
        found, found
    )


@cache
def _reached(dtype: str) -> frozenset[str]:
    """The dtype and all that can hold its values."""
    return frozenset((dtype,)).union(*(_reached(above) for above in _ABOVE[dtype]))
