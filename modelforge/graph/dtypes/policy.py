"""In which dtypes a layer computes and has its weights: its own policy, else the training's."""

from __future__ import annotations

from typing import NamedTuple

from modelforge.graph.shapes.configured import floatx
from modelforge.graph.shapes.known import Unknown
from modelforge.spec import Object, Spec, Value

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
# The only name of Python's own that Keras takes.
_NAMES = {"int": "int64"}
_PLAIN = ("DTypePolicy", "FloatDTypePolicy")


class Precision(NamedTuple):
    """policy: under which layers are made that say nothing; floatx: what a float is by itself."""

    policy: str = "float32"
    floatx: str = "float32"


def precision_of(spec: Spec) -> Precision | None:
    """What holds for the spec's model; None where Keras's configuration is not one."""
    wide = floatx()
    if wide is None:
        return None
    return Precision(spec.train.precision if spec.train is not None else wide, wide)


def dtypes_of(written: Value, policy: str) -> tuple[str, str]:
    """What `dtype: ...` among a layer's arguments means: in which it computes, that of its weights.

    written: None where the layer says nothing. Raises Unknown where it is not certain, as of
    policies for quantized layers.
    """
    if isinstance(written, Object):
        if written.name not in _PLAIN:
            raise Unknown
        written = written.arguments.get("name")
    if written is None:
        written = policy
    if not isinstance(written, str) or "_from_" in written or written == "global":
        raise Unknown
    if written in _MIXED:
        return _MIXED[written], "float32"
    plain = named(written)
    return plain, plain


def named(dtype: str) -> str:
    """The dtype that a name stands for."""
    return _NAMES.get(dtype, dtype)
