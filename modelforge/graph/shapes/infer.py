"""The front door: shapes and parameters of every node of a graph, clashes as findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from modelforge.catalog.naming import MAIN
from modelforge.findings import Findings
from modelforge.graph.graph import Graph, Node, WiredModel
from modelforge.graph.parts import check_parts
from modelforge.graph.shapes.evaluate import evaluate
from modelforge.graph.shapes.known import Clash, Known, Result, Shape, Unknown, check_sizes
from modelforge.graph.shapes.nested import Model
from modelforge.graph.told import input_shapes, spoken
from modelforge.spec import InputItem, Value

UNKNOWN = Known()

Options: TypeAlias = "Mapping[str, Value]"


def infer(
    graph: Graph,
    inputs: Mapping[str, tuple[int | None, ...]] | None,
    findings: Findings,
    *,
    running: bool = False,
) -> dict[str, Known]:
    """What is known of each node, by name, in the order of the graph.

    inputs: the shapes that the data gives, by input and without the batch axis; None where there
    is no data. The inputs that the spec declares come before them. The shapes that are returned
    have the batch axis (None), as Keras's own have. running: what holds in the model that runs,
    outside training, instead of what Keras says when it makes it.
    """
    return _Walk(graph, findings, running, False if running else None).along(
        _entrances(graph, inputs or {})
    )


def _entrances(graph: Graph, inputs: Mapping[str, Shape]) -> dict[str, Shape]:
    if graph.inputs is not None:
        shapes = {item.name: _declared(item) for item in graph.inputs}
        return {name: shape for name, shape in shapes.items() if shape is not None}
    if len(inputs) != 1:
        return {}
    (shape,) = inputs.values()
    return {MAIN: (None, *shape)}


def _declared(item: InputItem) -> Shape | None:
    sizes = [size for size in item.shape if size is None or isinstance(size, int)]
    return (None, *sizes) if len(sizes) == len(item.shape) else None


class _Walk:
    """One way through a graph, in the order of its calls.

    training: as what the graph is called, None where nobody says it.
    """

    def __init__(
        self, graph: Graph, findings: Findings, running: bool = False, training: Value = None
    ) -> None:
        self._graph = graph
        self._findings = findings
        self._running = running
        self._training = training
        self._names = {node.name for node in graph.nodes}
        self._owners = {node.name: node for node in graph.nodes if not node.shares}
        self._first: dict[str, Known] = {}  # what the first call of a layer made of it
        self._models: dict[str, Model] = {}

    def along(self, tensors: dict[str, Shape]) -> dict[str, Known]:
        """What is known of each node; tensors: the shapes of the inputs, to which it adds."""
        found: dict[str, Known] = {}
        for node in self._graph.nodes:
            known = self._again(node, self._known(node, tensors))
            found[node.name] = known
            tensors.update(self._parts(node, known))
        counts = {name: len(known.shapes) for name, known in found.items() if known.shapes}
        check_parts(self._graph, counts, self._findings)
        return found

    def _parts(self, node: Node, known: Known) -> dict[str, Shape]:
        """The shapes by the names under which the outputs of a node can be used."""
        shapes = known.shapes or ()
        if len(shapes) == 1:
            return {node.name: shapes[0]}
        names = [*map(str, range(len(shapes))), *self._owners[node.layer].output_names]
        return {
            f"{node.name}.{name}": shape
            for name, shape in zip(names, (*shapes, *shapes), strict=False)
            if f"{node.name}.{name}" not in self._names
        }

    def _again(self, node: Node, known: Known) -> Known:
        """Weights are counted where the layer stands, and not where it is used again."""
        if node.layer not in self._first:
            self._first[node.layer] = known
        elif known.parameters != self._first[node.layer].parameters:
            known = UNKNOWN  # it is made for its first call; whether it fits another, Keras knows
        if not node.shares or known.shapes is None:
            return known
        return Known(known.shapes, 0, 0, given=known.given)

    def _known(self, node: Node, tensors: Mapping[str, Shape]) -> Known:
        owner = self._owners[node.layer]
        inputs: dict[str, tuple[Shape, ...]] = {}
        missing = False
        for argument, source in node.sources.items():
            names = (source,) if isinstance(source, str) else source
            inputs[argument] = tuple(tensors[name] for name in names if name in tensors)
            missing = missing or len(inputs[argument]) != len(names)
        try:
            if owner.model is not None:
                return self._nested(node.layer, owner.model, inputs, self._options(node))
            if missing:
                return UNKNOWN
            if owner.saved is not None:
                from modelforge.graph.saved import infer_saved  # few specs load a model

                return infer_saved(owner.saved, inputs)
            inner: dict[str, Known] = {}
            options, inside = self._options(node), partial(self._inside, node, inner)
            result = evaluate(node.object, inputs, options, inside, running=self._running)
            check_sizes(result)
        except Unknown:
            return UNKNOWN
        except Clash as clash:
            self._report(node, tensors, clash)
            return UNKNOWN
        if result.trainable == 0:
            inner = {name: it.not_trained() for name, it in inner.items()}
        return Known(result.shapes, result.trainable, result.frozen, inner or None, given=inputs)

    def _options(self, node: Node) -> Options:
        """The arguments of a call; `training` is handed on to what is within."""
        if self._training is None or node.call.get("training") is not None:
            return node.call
        return {**node.call, "training": self._training}

    def _inside(
        self, node: Node, found: dict[str, Known], model: WiredModel, shape: Shape
    ) -> Result:
        """What a model in an argument of a layer makes of a shape; adds its nodes to `found`."""
        if model.saved is not None:
            from modelforge.graph.saved import infer_saved  # few specs load a model

            known = infer_saved(model.saved, {"": (shape,)})
        elif model.graph is not None:
            name = next((prefix for prefix, it in node.inner if it is model.graph), "")
            inputs = {item.name: (shape,) for item in model.graph.inputs or ()}
            inputs = inputs or {"": (shape,)}
            key = f"{node.layer}/{name}"
            known = self._nested(key, model.graph, inputs, self._options(node))
            found |= {name + inner: it for inner, it in (known.inner or {}).items()}
        else:
            raise Unknown
        if known.shapes is None:
            raise Unknown
        return Result(known.shapes, known.trainable, known.frozen)

    def _nested(
        self, key: str, model: Graph, inputs: Mapping[str, tuple[Shape, ...]], options: Options
    ) -> Known:
        """A model among the layers: made for the inputs that it declares, or for its first call.

        key: what is the same for all calls of one model.
        """
        training = options.get("training")
        of_making = training if self._running else None
        key = f"{key} {of_making}"
        given = {name or MAIN: shapes[0] for name, shapes in inputs.items() if shapes}
        if key not in self._models:
            entrances = given if model.inputs is None else _entrances(model, {})
            tensors = dict(entrances)
            inner = _Walk(model, self._findings, self._running, of_making).along(tensors)
            self._models[key] = Model(model, entrances, inner, tensors)
        made = self._models[key]
        if len(given) != len(inputs) or not made.takes(given):
            return made.known(None)
        if given == made.entrances and training in (None, True, of_making):
            return replace(made.known(made.tensors), given=inputs)
        quiet, tensors = Findings(), dict(given)
        again = _Walk(model, quiet, self._running, training).along(tensors)
        fits = not quiet.errors and made.same_weights(again)
        return replace(made.known(tensors if fits else None), given=inputs)

    def _report(self, node: Node, tensors: Mapping[str, Shape], clash: Clash) -> None:
        notes = input_shapes(node, lambda name: str(tensors[name]))
        self._findings.error(
            "shape-clash",
            f"the layer {spoken(node)} does not fit what it is called on: {clash.message}",
            node.span if node.shares else node.object.span,
            notes=[*notes, *([clash.mend] if clash.mend else [])],
        )
