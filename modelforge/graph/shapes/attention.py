"""Attention layers."""

from __future__ import annotations

from math import prod

from modelforge.graph.shapes.arguments import Arguments, as_integer
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, known_size


def attention(arguments: Arguments) -> Result:
    """`Attention`: at most two numbers are learnt."""
    mode = arguments.text("score_mode")
    if mode not in ("dot", "concat"):
        raise Unknown
    return _scored(arguments, arguments.flag("use_scale") + (mode == "concat"))


def additive_attention(arguments: Arguments) -> Result:
    """`AdditiveAttention`: a scale for each feature of the query."""
    query = arguments.all_inputs[0]
    if not arguments.flag("use_scale"):
        return _scored(arguments, 0)
    return _scored(arguments, known_size(query, -1, "the axis of the query's features"))


def _scored(arguments: Arguments, parameters: int) -> Result:
    shapes = arguments.all_inputs
    if not 2 <= len(shapes) <= 3:
        raise Clash(
            f"it takes 2 or 3 inputs (query, value, key), but it is called on {len(shapes)}"
        )
    query, value, key = shapes[0], shapes[1], shapes[-1] if len(shapes) == 3 else shapes[1]
    if min(len(query), len(value), len(key)) < 3:
        raise Unknown
    output: Shape = (*query[:-1], value[-1])
    if arguments.option("return_attention_scores"):
        return Result((output, (*query[:-1], key[-2])), parameters)
    return Result((output,), parameters)


def multi_head(arguments: Arguments) -> Result:
    """`MultiHeadAttention`: four projections, five with a gate."""
    heads, key_dim = arguments.positive("num_heads"), arguments.positive("key_dim")
    value_dim = key_dim
    if arguments.value("value_dim") is not None:
        value_dim = arguments.positive("value_dim")
    query, value, key = _three(arguments)
    _same_steps(value, key)
    features = known_size(query, -1, "the axis of the query's features")
    target = _target(arguments) or (features,)
    bias = arguments.flag("use_bias")
    parameters = (
        _projection((features,), (heads, key_dim), bias)
        + _projection((known_size(key, -1, "the axis of the features"),), (heads, key_dim), bias)
        + _projection((known_size(value, -1, "the axis of features"),), (heads, value_dim), bias)
        + _projection((heads, value_dim), target, bias)
    )
    if arguments.flag("use_gate"):
        parameters += _projection((features,), (heads, value_dim), bias)
    output: Shape = (*query[:-1], *target)
    if arguments.option("return_attention_scores"):
        return Result((output, (query[0], heads, query[1], query[1])), parameters)
    return Result((output,), parameters)


def grouped(arguments: Arguments) -> Result:
    """`GroupQueryAttention`: several heads of the query share keys and values."""
    size = arguments.positive("head_dim")
    heads, shared = arguments.positive("num_query_heads"), arguments.positive("num_key_value_heads")
    query, value, key = _three(arguments)
    if heads % shared or (len(query), len(value), len(key)) != (3, 3, 3):
        raise Unknown
    features = known_size(query, -1, "the axis of the query's features")
    if query[-1] != value[-1]:
        raise Clash(f"the query has {query[-1]} features and the value {value[-1]}")
    _same_steps(value, key)
    bias = arguments.flag("use_bias")
    parameters = (
        _projection((features,), (heads, size), bias)
        + _projection((known_size(key, -1, "the axis of the key"),), (shared, size), bias)
        + _projection((features,), (shared, size), bias)
        + _projection((heads, size), (features,), bias)
    )
    if arguments.flag("use_gate"):
        parameters += _projection((features,), (heads, size), bias)
    if arguments.option("return_attention_scores"):
        return Result((query, (query[0], heads, query[1], key[1])), parameters)
    return Result((query,), parameters)


def _three(arguments: Arguments) -> tuple[Shape, Shape, Shape]:
    """Query, value and key; the key is the value where it is not given."""
    inputs = arguments.inputs
    if "value" not in inputs and len(inputs) == 1:
        raise Clash(
            "it takes a query and a value, but it is called on one",
            "self-attention is called on the same layer twice: `from: [x, x]`",
        )
    if "query" not in inputs or "value" not in inputs:
        raise Unknown
    found = [inputs["query"], inputs["value"], inputs.get("key", inputs["value"])]
    if any(len(shapes) != 1 or len(shapes[0]) < 3 for shapes in found):
        raise Unknown
    return found[0][0], found[1][0], found[2][0]


def _same_steps(value: Shape, key: Shape) -> None:
    if value[1:-1] != key[1:-1]:
        raise Clash("value and key must be equal but for the last axis")


def _target(arguments: Arguments) -> tuple[int, ...]:
    written = arguments.value("output_shape")
    if written is None:
        return ()
    items = written if isinstance(written, tuple) else (written,)
    return tuple(as_integer(item) for item in items)


def _projection(source: tuple[int, ...], target: tuple[int, ...], bias: bool) -> int:
    return prod(source) * prod(target) + (prod(target) if bias else 0)
