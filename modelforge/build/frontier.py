"""How much of a model gives the same output for a sample in every step: its frontier.

Below it stands what is frozen and does the same in training as outside it. What comes out there
can be computed once for each sample; the rest of the model goes on from it. Both parts run the
layers of the model themselves: nothing is copied, and no layer is called symbolically again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras

from modelforge.build.deterministic import unsettled
from modelforge.build.private import Call, calls_in, entered, every_layer, functional_of, masked
from modelforge.layers.settled import Settled

Values = dict[int, Any]


@dataclass(frozen=True)
class Feature:
    """A tensor at the frontier. name: of the layer that makes it. shape: without the batch axis."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str

    @property
    def numbers(self) -> int | None:
        """How many a sample has; None where that differs."""
        return math.prod(it for it in self.shape if it) if None not in self.shape else None


@dataclass(frozen=True)
class _Step:
    """A part of running a model. needs, makes: symbolic tensors by `id`."""

    call: Call
    needs: tuple[int, ...]
    makes: tuple[int, ...]
    training: bool | None = None  # as it is called in any case

    def run(self, values: Values, training: bool) -> None:
        told = training if self.training is None else self.training
        values.update(zip(self.makes, self.call.run(values, told), strict=True))


class _Enter(_Step):
    """The inputs of a model among the layers are what it is called on."""

    def run(self, values: Values, training: bool) -> None:
        args, options = self.call.arguments(values)
        given = args[0] if args else options["inputs"]
        model = functional_of(_model(self.call.operation))
        values.update(zip(self.makes, entered(model, given), strict=True))


class _Leave(_Step):
    """The output of a model among the layers is what was made in it."""

    def run(self, values: Values, training: bool) -> None:
        values[self.makes[0]] = values[self.needs[0]]


@dataclass(frozen=True)
class Frontier:
    """Where a model is divided.

    features: by the name that each has in what `below` gives and `above` takes. held: the
    variables below. first: the first layer that is not settled, and why.
    """

    model: keras.Model
    features: tuple[Feature, ...]
    cut: tuple[int, ...]
    steps_below: tuple[_Step, ...]
    steps_above: tuple[_Step, ...]
    first: tuple[str, str]

    @cached_property
    def held(self) -> list[Any]:
        """The variables of what stands below, each once."""
        found: dict[int, Any] = {}
        for step in self.steps_below:
            if type(step) is _Step:
                variables = getattr(step.call.operation, "variables", ())
                found |= {id(it): it for it in variables}
        return list(found.values())

    @property
    def holds_frozen(self) -> bool:
        """Whether a layer below would learn if it were not frozen.

        `Normalization` has weights too, which it never learns here.
        """
        layers = [
            layer
            for step in self.steps_below
            if type(step) is _Step
            for layer in every_layer(step.call.operation)
        ]
        return any(layer.variables and not layer.trainable for layer in layers)

    def below(self, inputs: Any) -> dict[str, Any]:
        """The features of a batch of inputs, by name."""
        given = entered(self.model, inputs)
        values = {id(it): one for it, one in zip(self.model.inputs, given, strict=True)}
        for step in self.steps_below:
            step.run(values, training=False)
        return {it.name: values[key] for it, key in zip(self.features, self.cut, strict=True)}

    def above(self, features: Any, training: bool = False) -> Any:
        """What the model makes of features: a mapping, or a tensor where there is one of them."""
        if not isinstance(features, Mapping):
            features = {self.features[0].name: features}
        names = [it.name for it in self.features]
        values = {key: features[name] for key, name in zip(self.cut, names, strict=True)}
        for step in self.steps_above:
            step.run(values, training)
        outputs = [values[id(it)] for it in self.model.outputs]
        return keras.tree.pack_sequence_as(self.model.output, outputs)


def find_frontier(model: keras.Model) -> Frontier:
    """The frontier of a functional model as it is frozen now.

    `features` are empty where nothing stands below it that is frozen.
    """
    walk = _Walk({id(it) for it in model.trainable_variables})
    walk.go(model, "", None)
    cut = walk.cut([id(it) for it in model.outputs])
    below = _needed(walk.steps, set(cut), set())
    first = walk.first or ("", "")
    frontier = Frontier(model, (), (), tuple(below), (), first)
    if not frontier.holds_frozen or all(key in walk.begins for key in cut):
        return frontier
    above = _needed(walk.steps, {id(it) for it in model.outputs}, set(cut))
    features = tuple(walk.feature(key, number) for number, key in enumerate(cut))
    return Frontier(model, features, tuple(cut), tuple(below), tuple(above), first)


class _Walk:
    """What is found on the way through a model, from its inputs to its outputs."""

    def __init__(self, trained: set[int]) -> None:
        self.steps: list[_Step] = []
        self.settled: set[int] = set()
        self.begins: set[int] = set()
        self.first: tuple[str, str] | None = None
        self._trained = trained
        self._used: list[int] = []  # settled tensors that something unsettled is called on
        self._tensors: dict[int, tuple[str, Any]] = {}
        self._opened: set[int] = set()
        self._taken: set[str] = set()

    def go(self, model: Any, prefix: str, training: bool | None) -> None:
        """Through the calls of a model; training: as it is called in any case."""
        for call in calls_in(model):
            if call.begins:
                self._begin(call, prefix)
                continue
            needs = tuple(id(it) for it in call.inputs)
            path = prefix + call.operation.name
            why = self._why(call, needs, training)
            if why and self._opens(call, needs):
                self._open(call, needs, path, training)
                continue
            makes = tuple(id(it) for it in call.outputs)
            self.steps.append(_Step(call, needs, makes, training))
            self._name(call, path)
            if not why:
                self.settled |= set(makes)
                continue
            if self.first is None:
                self.first = (path, why)
            self._used += [it for it in needs if it in self.settled]

    def cut(self, outputs: list[int]) -> list[int]:
        """The settled tensors that the rest goes on from, each once."""
        return list(dict.fromkeys([*self._used, *(it for it in outputs if it in self.settled)]))

    def feature(self, key: int, number: int) -> Feature:
        """The settled tensor as a feature."""
        path, tensor = self._tensors[key]
        name = path if path not in self._taken else f"{path}.{number}"
        self._taken.add(name)
        return Feature(name, tuple(tensor.shape[1:]), str(tensor.dtype))

    def _begin(self, call: Call, prefix: str) -> None:
        if prefix:
            return  # it is what the model is called on
        self._name(call, call.operation.name)
        self.settled |= {id(it) for it in call.outputs}
        self.begins |= {id(it) for it in call.outputs}

    def _name(self, call: Call, path: str) -> None:
        self._tensors |= {id(it): (path, it) for it in call.outputs}

    def _why(self, call: Call, needs: tuple[int, ...], training: bool | None) -> str:
        """Why what the call makes is not settled; empty where it is."""
        if not all(it in self.settled for it in needs):
            return "what it is called on is not"
        if any(masked(it) for it in (*call.inputs, *call.outputs)):
            return "it has to do with a mask"
        return unsettled(call.operation, self._trained, training is False)

    def _opens(self, call: Call, needs: tuple[int, ...]) -> bool:
        """Whether the frontier may lie in a model: it is called once, on what is settled."""
        model = _model(call.operation)
        graph = functional_of(model) if isinstance(model, keras.Model) else None
        if graph is None or id(model) in self._opened or model.activity_regularizer is not None:
            return False
        mixed = isinstance(model, keras.Sequential) and (
            model.compute_dtype != model.variable_dtype
            or any(it.dtype != one.dtype for it, one in zip(call.inputs, graph.inputs, strict=True))
        )
        alone = len(call.options - {"training"}) == 0
        return alone and not mixed and all(it in self.settled for it in needs)

    def _open(self, call: Call, needs: tuple[int, ...], path: str, training: bool | None) -> None:
        operation = call.operation
        model = _model(operation)
        graph = functional_of(model)
        self._opened.add(id(model))
        if isinstance(operation, Settled):
            training = operation.options.get("training", training)
        inputs = tuple(id(it) for it in graph.inputs)
        self.steps.append(_Enter(call, needs, inputs))
        self.settled |= set(inputs)
        self._tensors |= {id(it): (f"{path}/{it.name}", it) for it in graph.inputs}
        self.go(graph, f"{path}/", training)
        self._name(call, path)
        for inner, outer in zip(graph.outputs, call.outputs, strict=True):
            self.steps.append(_Leave(call, (id(inner),), (id(outer),)))
            if id(inner) in self.settled:
                self.settled.add(id(outer))


def _model(operation: Any) -> Any:
    return operation.layer if isinstance(operation, Settled) else operation


def _needed(steps: list[_Step], wanted: set[int], given: set[int]) -> list[_Step]:
    """The steps, in their order, that lead to what is wanted from what is given."""
    wanted = set(wanted)
    found = []
    for step in reversed(steps):
        made = [it for it in step.makes if it in wanted and it not in given]
        if made:
            found.append(step)
            wanted |= set(step.needs)
    return found[::-1]
