"""Numbers and texts become categories: whole numbers, or floats where they are counted."""

from __future__ import annotations

from modelforge.graph.dtypes.call import ANY, FLOAT, NUMBER, Call, Told, kind, text_argument
from modelforge.graph.dtypes.promotion import BOOL, STRING, WHOLE
from modelforge.graph.shapes.known import Clash, Unknown


def texts_looked_up(call: Call) -> Told:
    """`StringLookup`, `TextVectorization`: texts become numbers."""
    for name, dtype in _named(call):
        if kind(dtype) not in (kind(STRING), ANY):
            raise Clash(
                f"takes texts, but `{name}` gives {_spoken(dtype)}",
                "declare the input with `dtype: string`, or take `IntegerLookup`",
            )
    return _numbered(call, "int64")


def numbers_looked_up(call: Call) -> Told:
    """`IntegerLookup`: whole numbers become others."""
    call.numbers()
    return _numbered(call, "int64")


def _numbered(call: Call, dtype: str) -> Told:
    if call.arguments.get("invert"):
        raise Unknown
    return (dtype if text_argument(call, "output_mode") == "int" else call.floatx,)


def hashed(call: Call) -> Told:
    """`Hashing`: texts or numbers become the numbers of bins; counted, they are no policy's."""
    if text_argument(call, "output_mode") != "int" and call.arguments.get("dtype") is None:
        return (call.floatx,)
    return _counted(call)


def crossed(call: Call) -> Told:
    """`HashedCrossing`: the same of two, which are texts or whole numbers."""
    for name, dtype in _named(call):
        if kind(dtype) in (FLOAT, BOOL):
            raise Clash(
                f"takes texts and whole numbers, but `{name}` gives {dtype}",
                "put `ops.cast: int32` before it",
            )
    return _counted(call)


def _counted(call: Call) -> Told:
    """`int64` for the numbers of bins; where they are counted, floats that are not cast twice."""
    written = call.arguments.get("dtype")
    if text_argument(call, "output_mode") == "int":
        if written is not None and written not in WHOLE:
            raise Unknown
        return (str(written or "int64"),)
    return (call.compute,) if call.compute == call.variable else (NUMBER,)


def ranged(call: Call) -> Told:
    """`Discretization`: the numbers of ranges, or an axis of them in the dtype of the layer."""
    call.numbers()
    if text_argument(call, "output_mode") == "int":
        return ("int32",)
    _countable(call, call.compute)
    return (call.compute,)


def encoded(call: Call) -> Told:
    """`CategoryEncoding`: Keras says one dtype and gives another where the policy is mixed."""
    call.numbers()
    _countable(call, call.variable)
    return (call.compute,) if call.compute == call.variable else (NUMBER,)


def _countable(call: Call, dtype: str) -> None:
    """Refuses what TensorFlow cannot count in."""
    if dtype in ("bfloat16", "float16") and text_argument(call, "output_mode") != "one_hot":
        message = f"counts in {dtype}, in which TensorFlow counts nothing"
        raise Clash(message, "give it `dtype: float32`")


def _named(call: Call) -> list[tuple[str, str]]:
    return [
        pair
        for argument, dtypes in call.inputs.items()
        for pair in zip(call.names[argument], dtypes, strict=True)
    ]


def _spoken(dtype: str) -> str:
    return "numbers" if dtype == NUMBER else dtype
