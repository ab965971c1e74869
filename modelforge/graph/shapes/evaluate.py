"""One layer on given shapes: its rule, asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from modelforge.catalog import LAYER_KINDS
from modelforge.graph.defaults import defaults_of
from modelforge.graph.graph import WiredModel
from modelforge.graph.shapes.applications import application
from modelforge.graph.shapes.arguments import Arguments, Inputs
from modelforge.graph.shapes.known import Result, Shape, Unknown
from modelforge.graph.shapes.running import RUNNING
from modelforge.graph.shapes.table import RULES, Rule
from modelforge.spec import Object, Value

# The result of a model in an argument of a layer, on the shape that it is called on there.
OfModel: TypeAlias = "Callable[[WiredModel, Shape], Result]"


def evaluate(
    layer: Object,
    inputs: Inputs,
    options: Mapping[str, Value],
    of_model: OfModel | None = None,
    *,
    running: bool = False,
) -> Result:
    """The result of calling a layer; raises Unknown, or Clash where Keras would refuse.

    of_model: for models in its arguments; without it, nothing is known of such a layer. running:
    what it gives in a model that runs, instead of what Keras says when the model is made.
    """
    rule = _rule(layer, running)
    if rule is None:
        raise Unknown
    if layer.kind != "operation" and any(
        not shape or shape[0] is not None for shapes in inputs.values() for shape in shapes
    ):
        raise Unknown  # an operation has changed the batch axis
    found = rule(
        Arguments(
            layer.arguments,
            defaults_of(layer.name, *LAYER_KINDS),
            inputs,
            options,
            partial(_inner, of_model, options, running),
        )
    )
    if _other_weights(layer):
        return found._replace(trainable=None, frozen=None)
    if layer.arguments.get("trainable", True) is True or found.trainable is None:
        return found
    if layer.arguments["trainable"] is not False or found.frozen is None:
        raise Unknown
    return found._replace(trainable=0, frozen=found.frozen + found.trainable)


def _rule(layer: Object, running: bool) -> Rule | None:
    if layer.kind == "application":
        return partial(application, name=layer.name)
    if layer.kind == "operation":
        from modelforge.graph.shapes import operations  # few specs have any

        return operations.RULES.get(layer.name)
    if running and layer.name in RUNNING:
        return RUNNING[layer.name]
    return RULES.get(layer.name)


def _inner(
    of_model: OfModel | None,
    options: Mapping[str, Value],
    running: bool,
    layer: Object,
    shape: Shape,
) -> Result:
    if not isinstance(layer, WiredModel):
        handed_on = {"training": options["training"]} if "training" in options else {}
        return evaluate(layer, {"": (shape,)}, handed_on, of_model, running=running)
    if of_model is None:
        raise Unknown
    return of_model(layer, shape)


def _other_weights(layer: Object) -> bool:
    """Whether low-rank adaptation or quantization makes other weights than the rule counts."""
    dtype = layer.arguments.get("dtype")
    quantized = dtype is not None and (not isinstance(dtype, str) or "_from_" in dtype)
    adapted = any(layer.arguments.get(name) for name in ("lora_rank", "quantization_config"))
    return quantized or adapted
