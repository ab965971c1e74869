"""What a layer is called with: the tensors it takes, and its other arguments."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, replace
from typing import Any

from modelforge.catalog.word import Argument
from modelforge.introspect.docstrings import Documentation
from modelforge.introspect.infer import argument_of
from modelforge.introspect.private import merging_base
from modelforge.introspect.signatures import Parameter

_LIST_OF_TENSORS = re.compile(r"\binputs are a list\b|\binputs?: (?:a )?list of", re.IGNORECASE)


# Keras passes it itself, whatever default a layer has, unless it is given.
TRAINING = Argument(
    "training",
    types=("null", "boolean"),
    documentation="Whether the layer behaves as in training: true and false settle it for good; "
    "left out, it does so while the model is trained, and not after.",
)


@dataclass(frozen=True)
class Call:
    """The parts of a layer's call."""

    tensors: tuple[str, ...]
    options: tuple[Argument, ...]
    merges: bool


def call_of(layer: Any, documentation: Documentation) -> Call:
    """How a layer class is called."""
    tensors: list[str] = []
    options: list[Argument] = []
    for parameter in list(inspect.signature(layer.call).parameters.values())[1:]:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            continue
        if parameter.name == "training":
            options.append(TRAINING)
        elif isinstance(parameter.default, bool):
            options.append(_option(parameter, documentation))
        else:
            tensors.append(parameter.name)
    return Call(tuple(tensors), tuple(options), _merges(layer, documentation))


def _option(parameter: inspect.Parameter, documentation: Documentation) -> Argument:
    text = _said_of(parameter.name, documentation.calls)
    found = argument_of(Parameter(parameter.name, parameter.default, True, None), text, "")
    return replace(found, types=("boolean",), choices=())


def _said_of(name: str, text: str) -> str:
    """The entry of a `Call arguments` section, whose entries begin at the margin."""
    entry = re.search(rf"^{name}: (.*(?:\n[ \t]+.*)*)", text, re.MULTILINE)
    return inspect.cleandoc(entry[1]) if entry else ""


def _merges(layer: Any, documentation: Documentation) -> bool:
    base = merging_base()
    if base is not None and issubclass(layer, base):
        return True
    return bool(_LIST_OF_TENSORS.search(f"{documentation.text}\n{documentation.calls}"))
