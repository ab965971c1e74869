"""`load`: what a saved model is to the graph, told from its file without TensorFlow."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import lru_cache

from modelforge.catalog import load_catalog
from modelforge.findings import Finding, Findings, Source, Span, did_you_mean, listed
from modelforge.graph.shapes.arguments import Inputs
from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Known, Shape, Unknown
from modelforge.modelfile import Doubts, Layer, ModelFile, Tensor, inspect
from modelforge.modelfile.allowed import REGISTERED
from modelforge.spec import LoadItem, Object, Value

_NOWHERE = Span(Source("model file", ""), 1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved model as a node has it.

    path: as the spec has it; file: as it was looked through. ways: the names that lead to each of
    the last layers; empty for the whole model. outputs: of that layer, or of the whole model.
    span: where a spec names the file.
    """

    path: str
    file: ModelFile
    ways: tuple[tuple[str, ...], ...]
    trainable: bool | None
    outputs: tuple[Tensor, ...]
    span: Span = field(compare=False)

    @property
    def until(self) -> tuple[str, ...]:
        """The names that lead to the last layer; empty for the whole model, or several layers."""
        return self.ways[0] if len(self.ways) == 1 else ()

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """The inputs by name."""
        return self.file.structure.inputs


def saved_model(item: LoadItem, findings: Findings) -> Saved | None:
    """What an item loads; None after findings."""
    file, found = _inspected(item.path, (*_stamp(item.path), len(REGISTERED)))
    findings.extend(replace(finding, span=item.span) for finding in found)
    if file is None:
        return None
    if not item.until:
        layers = file.structure.layers
        outputs = tuple(_known_shape(it, layers[it.name]) for it in file.structure.outputs)
        return Saved(item.path, file, (), item.trainable, outputs, item.span)
    ways = [_way(name, item, file, findings) for name in item.until]
    if not all(ways):
        return None
    if len({way[:-1] for way in ways}) > 1:
        findings.error(
            "several-until",
            "the layers of `until` are in different models",
            item.until_span or item.span,
            notes=["several layers are all of the saved model, or all of one model within it"],
        )
        return None
    lasts = [file.structure.locate(name)[-1] for name in item.until]
    outputs = tuple(_known_shape(Tensor(last.name, last.shape), last) for last in lasts)
    return Saved(item.path, file, tuple(ways), item.trainable, outputs, item.span)


def _way(name: str, item: LoadItem, file: ModelFile, findings: Findings) -> tuple[str, ...]:
    """The names that lead to a layer of the saved model; empty after a finding."""
    way = file.structure.locate(name)
    if not way:
        _unknown(name, item, file, findings)
    elif any(layer.calls > 1 for layer in way):
        findings.error(
            "ambiguous-until",
            f"the layer `{name}` is applied {max(layer.calls for layer in way)} times in the "
            "saved model",
            item.until_span or item.span,
            notes=["name a layer that is applied once, or load the whole model"],
        )
        return ()
    return tuple(layer.name for layer in way)


def infer_saved(saved: Saved, inputs: Inputs) -> Known:
    """The shapes that a saved model gives; raises Clash where it does not take the inputs."""
    given = dict(inputs)
    for tensor in saved.inputs:
        (shape, *_) = given.get(tensor.name) or given.get("") or (None,)
        if shape is not None and tensor.shape is not None and not _fits(shape, tensor.shape):
            raise Clash(f"its input `{tensor.name}` is {tensor.shape}")
    shapes = [tensor.shape for tensor in saved.outputs]
    closed = all(None not in (it.shape or (None,))[1:] for it in (*saved.inputs, *saved.outputs))
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or not closed:
        return Known()
    return Known(tuple(known))


def _fits(given: Shape, wanted: Shape) -> bool:
    pairs = zip(given, wanted, strict=False)
    return len(given) == len(wanted) and all(a == b or None in (a, b) for a, b in pairs)


def _unknown(name: str, item: LoadItem, file: ModelFile, findings: Findings) -> None:
    names = list(file.structure.names())
    findings.error(
        "unknown-until",
        f"the saved model has no layer `{name}`",
        item.until_span or item.span,
        hint=did_you_mean(name, names),
        notes=[f"its last layers: {listed(names[-12:], 12)}", f"the file: `{file.path}`"],
    )


def _known_shape(tensor: Tensor, layer: Layer) -> Tensor:
    """The output with its shape; that of the last layer stands nowhere and follows from a rule."""
    word = load_catalog().find(layer.class_name, "layer")
    if tensor.shape is not None or layer.input_shape is None or word is None:
        return tensor
    try:
        arguments = {
            argument.name: _frozen(layer.config[argument.name])
            for argument in word.arguments
            # Initializers and the like do not matter to a shape; a layer within does.
            if argument.name in layer.config and (not argument.kinds or "layer" in argument.kinds)
        }
        found = Object("layer", word.name, arguments, _NOWHERE)
        shapes = evaluate(found, {"": (layer.input_shape,)}, {}).shapes
    except (Unknown, Clash, TypeError, ValueError, ArithmeticError):  # the file may say anything
        return tensor
    return replace(tensor, shape=shapes[0]) if len(shapes) == 1 else tensor


def _frozen(value: object) -> Value:
    """A value of the configuration as a spec has it; raises TypeError for an object."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        raise TypeError
    return value  # type: ignore[return-value]


def _stamp(path: str) -> tuple[int, ...]:
    """What tells whether a file is still the same; a folder's model may change without it."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return ()
    return (found.st_ino, found.st_size, found.st_mtime_ns)


# A file is looked through once, however often its spec is checked.
@lru_cache(maxsize=16)
def _inspected(path: str, stamp: tuple[int, ...]) -> tuple[ModelFile | None, tuple[Finding, ...]]:
    found = Findings()
    file = inspect(path, Doubts(path, found))
    return file, tuple(found)
