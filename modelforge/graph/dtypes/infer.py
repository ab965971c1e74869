"""The front door: the dtype of every node's outputs, and layers that cannot take what they get."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from modelforge.catalog.naming import MAIN
from modelforge.findings import Findings
from modelforge.graph.dtypes.call import (
    ANY,
    FLOAT,
    NUMBER,
    UNKNOWN,
    WHOLE_NUMBER,
    TextAsNumber,
    Told,
    kind,
    unknown_of,
)
from modelforge.graph.dtypes.evaluate import Dtypes, evaluate
from modelforge.graph.dtypes.policy import Precision
from modelforge.graph.dtypes.promotion import BOOL, FLOATS, STRING
from modelforge.graph.dtypes.words import SEVERAL
from modelforge.graph.graph import Graph, Node, WiredModel
from modelforge.graph.shapes.known import Clash, Known
from modelforge.graph.told import spoken

_NOTHING = Known()
_NUMBERS = (FLOAT, WHOLE_NUMBER, BOOL, NUMBER)


def infer_dtypes(
    graph: Graph,
    known: Mapping[str, Known],
    entrances: Mapping[str, str],
    precision: Precision,
    findings: Findings,
) -> dict[str, Known]:
    """What is known of each node, with dtypes.

    known: shapes and parameters. entrances: the dtypes of the inputs, as far as they are known.
    Adds an error for each layer that Keras or TensorFlow is certain to refuse on them.
    """
    return _Walk(graph, precision, findings).along(known, dict(entrances))


class _Model(NamedTuple):
    """A model among the layers as it was made for its first call."""

    entrances: Mapping[str, str]
    shapes: Mapping[str, object]
    outputs: tuple[str, ...]
    casts: bool


class _Walk:
    """One way through a graph, in the order of its calls."""

    def __init__(self, graph: Graph, precision: Precision, findings: Findings) -> None:
        self._graph = graph
        self._precision = precision
        self._findings = findings
        self._names = {node.name for node in graph.nodes}
        self._owners = {node.name: node for node in graph.nodes if not node.shares}
        self._models: dict[str, _Model] = {}
        self.tensors: dict[str, str] = {}

    def along(self, known: Mapping[str, Known], entrances: dict[str, str]) -> dict[str, Known]:
        """What is known of each node."""
        self.tensors = entrances
        return {
            node.name: self._with_dtypes(node, known.get(node.name, _NOTHING))
            for node in self._graph.nodes
        }

    def dtype(self, name: str) -> str:
        """Of a tensor; the outputs of a layer whose number is not known are alike."""
        found = self.tensors.get(name)
        if found is None and "." in name:
            found = self.tensors.get(name.rpartition(".")[0])
        return found or ANY

    def _with_dtypes(self, node: Node, known: Known) -> Known:
        owner = self._owners[node.layer]
        names = {
            argument: (source,) if isinstance(source, str) else source
            for argument, source in node.sources.items()
        }
        inputs = {argument: tuple(map(self.dtype, each)) for argument, each in names.items()}
        inner = dict(known.inner or {})
        try:
            if owner.model is not None:
                model = self._made(node, owner.model, inputs, known)
                told: Told = self._called(model, inputs, names, known)
                walk = _Walk(owner.model, self._precision, Findings())
                inner = walk.along(inner, dict(model.entrances)) if inner else inner
            elif owner.saved is not None:
                told = ANY
            else:
                inside = partial(self._inside, node, inner)
                told = evaluate(node.object, inputs, names, self._precision, inside)
        except Clash as clash:
            self._report(node, clash)
            told = ANY
        dtypes = self._parts(node, told, known)
        return Known(
            known.shapes,
            known.trainable,
            known.frozen,
            inner or known.inner,
            known.given,
            dtypes,
        )

    def _inside(
        self, node: Node, found: dict[str, Known], model: WiredModel, inputs: Dtypes
    ) -> Told:
        """What a model in an argument of a layer gives; tells its nodes in `found` their dtypes."""
        declared = (model.graph.inputs or ()) if model.graph is not None else ()
        if model.graph is None or (node.shares and not declared):
            return ANY  # it is read from a file, or made for the first call of the layer
        prefix = next((name for name, graph in node.inner if graph is model.graph), "")
        known = {
            name.removeprefix(prefix): it for name, it in found.items() if name.startswith(prefix)
        }
        ((given,),) = inputs.values()
        entrances = {it.name: it.dtype or self._precision.floatx for it in declared}
        walk = _Walk(model.graph, self._precision, self._findings)
        inner = walk.along(known, entrances or {MAIN: given})
        found |= {prefix + name: it for name, it in inner.items() if prefix + name in found}
        if entrances and given == STRING:
            return ANY
        return tuple(map(walk.dtype, model.graph.outputs))

    def _parts(self, node: Node, told: Told, known: Known) -> tuple[str | None, ...] | None:
        """The dtypes of the outputs; the names under which they can be used learn them as well."""
        count = len(known.shapes) if known.shapes is not None else None
        if isinstance(told, str):
            self.tensors[node.name] = told
            if count is None and told not in UNKNOWN and node.object.name not in SEVERAL:
                count = 1
            each = None if count is None else (told,) * count
        else:
            each = told
            self.tensors[node.name] = told[0] if len(set(told)) == 1 else ANY
            if len(told) > 1:
                names = [*map(str, range(len(told))), *self._owners[node.layer].output_names]
                for name, dtype in zip(names, told + told, strict=False):
                    if f"{node.name}.{name}" not in self._names:
                        self.tensors[f"{node.name}.{name}"] = dtype
        if each is None or count not in (None, len(each)):
            return None
        return tuple(None if dtype in UNKNOWN else dtype for dtype in each)

    def _made(self, node: Node, model: Graph, inputs: Dtypes, known: Known) -> _Model:
        """A model among the layers, made for the inputs that it declares or for its first call."""
        if node.layer not in self._models:
            given = {name or MAIN: dtypes[0] for name, dtypes in inputs.items()}
            shapes: dict[str, object] = {
                name or MAIN: each[0] for name, each in known.given.items() if each
            }
            if model.inputs is not None:
                given = {it.name: it.dtype or self._precision.floatx for it in model.inputs}
                shapes = {it.name: (None, *it.shape) for it in model.inputs}
            walk = _Walk(model, self._precision, self._findings)
            walk.along(known.inner or {}, dict(given))
            outputs = tuple(map(walk.dtype, model.outputs))
            floats = {dtype for dtype in walk.tensors.values() if dtype in FLOATS}
            casts = len(floats) > 1 or not set(UNKNOWN).isdisjoint(walk.tensors.values())
            self._models[node.layer] = _Model(given, shapes, outputs, casts)
        return self._models[node.layer]

    def _called(
        self, model: _Model, inputs: Dtypes, names: Dtypes, known: Known
    ) -> tuple[str, ...]:
        """What a model gives: it casts its inputs to the dtypes that it was made for."""
        given = {name or MAIN: dtypes[0] for name, dtypes in inputs.items()}
        source = {name or MAIN: each[0] for name, each in names.items()}
        for name, dtype in given.items():
            wanted = model.entrances.get(name, ANY)
            if dtype == STRING and kind(wanted) in _NUMBERS:
                message = f"takes {wanted} as `{name}`, but `{source[name]}` gives texts"
                raise TextAsNumber(message)
            if wanted == STRING and kind(dtype) in _NUMBERS:
                message = f"takes texts as `{name}`, but `{source[name]}` gives {dtype}"
                raise Clash(message, "declare the input without `dtype: string`")
        shapes = {name or MAIN: each[0] for name, each in known.given.items() if each}
        if shapes == model.shapes or (given == model.entrances and not model.casts):
            return model.outputs
        # For other shapes, Keras says dtypes as if the layers within did not cast.
        return tuple(unknown_of((dtype,)) for dtype in model.outputs)

    def _report(self, node: Node, clash: Clash) -> None:
        text = isinstance(clash, TextAsNumber)
        self._findings.error(
            "text-as-numbers" if text else "dtype-clash",
            f"the layer {spoken(node)} {clash.message}",
            node.span if node.shares else node.object.span,
            hint="put `StringLookup`, `Hashing` or `TextVectorization` before it"
            if text
            else clash.mend,
        )
