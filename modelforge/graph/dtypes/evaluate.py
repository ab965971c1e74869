"""One layer on given dtypes: its rule, asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeAlias

from modelforge.catalog import LAYER_KINDS
from modelforge.catalog.own.backbones import layers_of
from modelforge.findings import Source, Span
from modelforge.graph.defaults import defaults_of
from modelforge.graph.dtypes.call import ANY, NUMBER, Call, Rule, Told
from modelforge.graph.dtypes.layers import OF_DTYPES_ALONE, OF_THEIR_OWN, RULES
from modelforge.graph.dtypes.policy import Precision, dtypes_of
from modelforge.graph.dtypes.promotion import FLOATS
from modelforge.graph.graph import WiredModel
from modelforge.graph.shapes.known import Clash, Unknown
from modelforge.spec import Object

_NOWHERE = Span(Source("", ""), 1, 1, 1, 1)

Dtypes: TypeAlias = "Mapping[str, tuple[str, ...]]"
Inside: TypeAlias = "Callable[[WiredModel, Dtypes], Told]"


def _of_no_model(model: WiredModel, inputs: Dtypes) -> Told:
    raise Unknown


def evaluate(
    layer: Object,
    inputs: Dtypes,
    names: Dtypes,
    precision: Precision,
    inside: Inside = _of_no_model,
) -> Told:
    """What a layer gives, NUMBER or ANY where that is not certain; raises Clash.

    inputs, names: by call argument, what it is called on and where that comes from. inside: what a
    model in an argument of the layer gives.
    """
    try:
        return _of_one(layer, inputs, precision) or _told(layer, inputs, names, precision, inside)
    except Unknown:
        return ANY


def _of_one(layer: Object, inputs: Dtypes, precision: Precision) -> Told:
    """The same where it depends on one dtype alone, as it mostly does; empty where it does not."""
    if layer.name not in OF_DTYPES_ALONE or layer.kind != "layer" or len(inputs) != 1:
        return ""
    if "dtype" in layer.arguments or "autocast" in layer.arguments:
        return ""
    ((dtype, *others),) = inputs.values()
    return _remembered(layer.name, dtype, precision) if not others else ""


@cache
def _remembered(name: str, dtype: str, precision: Precision) -> Told:
    nowhere = Object("layer", name, {}, _NOWHERE)
    try:
        return _told(nowhere, {"": (dtype,)}, {"": ("",)}, precision, _of_no_model)
    except Clash:
        return ""  # it is told again, with the names


def _told(
    layer: Object, inputs: Dtypes, names: Dtypes, precision: Precision, inside: Inside
) -> Told:
    if isinstance(layer, WiredModel):
        return inside(layer, inputs)
    if layer.kind == "application":  # it ends in a layer under the policy, whatever it is given
        outputs = len(layers_of(layer.arguments))
        compute = dtypes_of(None, precision.policy)[0]
        return compute if outputs < 2 else (compute,) * outputs
    rule, compute, variable = _rule(layer), precision.floatx, precision.floatx
    if layer.kind != "operation":
        compute, variable = dtypes_of(layer.arguments.get("dtype"), precision.policy)
        # A mask says which values count, and is not one of them.
        inputs = {name: it for name, it in inputs.items() if not name.endswith("mask")}
        if layer.name not in OF_THEIR_OWN:
            inputs = _cast(layer, inputs, compute)

    def inner(within: Object, given: Dtypes) -> Told:
        return _told(within, given, names, precision, inside)

    defaults = defaults_of(layer.name, *LAYER_KINDS)
    return rule(
        Call(
            layer.arguments,
            defaults,
            inputs,
            names,
            compute,
            variable,
            precision.floatx,
            inner,
        )
    )


def _rule(layer: Object) -> Rule:
    if layer.kind == "operation":
        from modelforge.graph.dtypes import operations  # few specs have any

        found = operations.RULES.get(layer.name)
    else:
        found = RULES.get(layer.name)
    if found is None:
        raise Unknown
    return found


def _cast(layer: Object, inputs: Dtypes, compute: str) -> Dtypes:
    """Keras casts the floating-point numbers that a layer is called on, and nothing else."""
    if compute not in FLOATS:
        raise Unknown
    if layer.arguments.get("autocast", True) is not True:
        every = {dtype for dtypes in inputs.values() for dtype in dtypes}
        if NUMBER in every or not every & FLOATS <= {compute}:
            raise Unknown
    return {
        name: tuple(compute if dtype in FLOATS else dtype for dtype in dtypes)
        for name, dtypes in inputs.items()
    }
