"""What goes out into the world: a trained model with what was learned before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any

import keras

from modelforge.data.bundle import Tensor
from modelforge.evaluate.answers import Meaning
from modelforge.evaluate.structure import as_list, entrance
from modelforge.layers.settled import Settled


@dataclass(frozen=True)
class Served:
    """A model, its preprocessing (None where it has none), and the inputs that the two take.

    inputs: by name, as `data` knows them; signatures use `argument_names` of them. preprocessing:
    a keras.Model or a plain function, from these to what the model takes. class_names: by output,
    of those that tell classes; meanings: by output, what their numbers are. tensors: what the model
    takes behind the preprocessing. multi_label: the outputs that tell any number of labels.
    """

    model: keras.Model
    inputs: Mapping[str, Tensor]
    preprocessing: Any = None
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    multi_label: frozenset[str] = frozenset()
    output_names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "output_names", tuple(unique(self.model.output_names)))

    @property
    def computes_in_16_bits(self) -> bool:
        """Whether a layer of the model computes in float16 or bfloat16."""
        return any(layer.compute_dtype in ("float16", "bfloat16") for layer in self.model.layers)

    @property
    def is_random(self) -> bool:
        """Whether the spec lets a layer behave as in training for good (`call`)."""
        return any(
            isinstance(layer, Settled) and layer.options.get("training")
            for layer in _layers(self.model)
        )

    def answer(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs by name, with everything random off."""
        return self.answer_tensors(self.prepared(inputs))

    def prepared(self, inputs: Mapping[str, Any]) -> Any:
        """What the model itself takes."""
        if self.preprocessing is None:
            return inputs
        if isinstance(self.preprocessing, keras.Model):
            return self.preprocessing(dict(inputs), training=False)
        return self.preprocessing(inputs)

    def answer_tensors(self, tensors: Any) -> dict[str, Any]:
        """The outputs for what the model itself takes."""
        given = dict(tensors) if isinstance(tensors, Mapping) else tensors
        outputs = self.model(entrance(self.model, given), training=False)
        return dict(zip(self.output_names, as_list(outputs), strict=True))


def _layers(model: keras.Model) -> Iterator[keras.layers.Layer]:
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer)


def argument_names(names: Iterable[str]) -> dict[str, str]:
    """The names of inputs as a signature can have them: TensorFlow takes what Python takes.

    >>> argument_names(["sepal length (cm)", "2nd", "class"])
    {'sepal length (cm)': 'sepal_length_cm', '2nd': 'input_2nd', 'class': 'class_'}
    """
    names = list(names)
    cleaned = [re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "input" for name in names]
    legal = [
        f"input_{name}" if name[0].isdigit() else f"{name}_" if iskeyword(name) else name
        for name in cleaned
    ]
    return dict(zip(names, unique(legal), strict=True))


def unique(names: Iterable[str]) -> list[str]:
    """The same names, those that came before with a number behind them."""
    given: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate in given:
            number += 1
            candidate = f"{name}_{number}"
        given.append(candidate)
    return given
