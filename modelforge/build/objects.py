"""An object of the spec becomes an object of Keras: a layer, a loss, whatever it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

from modelforge.build.applications import application
from modelforge.build.hub import backbone
from modelforge.build.losses import sparse_categorical_crossentropy
from modelforge.build.operations import Operation
from modelforge.build.trouble import sentence
from modelforge.catalog import Kind, Word, load_catalog
from modelforge.catalog.own import hub
from modelforge.findings import Refused, Span, refuse
from modelforge.graph.plugins import plugin_failed
from modelforge.layers.activation import ParameterizedActivation
from modelforge.spec import Deferred, Object, Value

# Makers of ModelForge's own words, by kind and name; the rooms that have such words fill it.
MAKERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("loss", "SparseCategoricalCrossentropy"): sparse_categorical_crossentropy,
}


@dataclass(frozen=True, slots=True)
class Ready(Object):
    """An object that has been made already, among the arguments of one that has not."""

    made: Any = None


def register(kind: Kind, name: str, maker: Callable[..., Any]) -> None:
    """Lets `make` build an own word; the maker takes the word's arguments by name."""
    MAKERS[kind, name] = maker


def make(wanted: Object) -> Any:
    """The object that a word with its arguments stands for, its nested objects made first.

    Whatever Keras has against it is raised as a finding at the argument it speaks of.
    """
    if isinstance(wanted, Ready):
        return wanted.made
    maker = _maker(wanted)
    arguments = {
        name: _as_float(wanted, name, _made(value, wanted.span_of(name)))
        for name, value in _arguments(wanted).items()
    }
    try:
        return maker(**arguments)
    except Refused:
        raise
    except Exception as error:  # Keras raises whatever its own code happens to raise
        raise refusal(wanted, error) from error


def _arguments(wanted: Object) -> Mapping[str, Value]:
    """What is written, in the word's own order, with the initializers that are not written.

    An initializer without a seed draws one when it is made. Were those that a spec leaves to Keras
    made within the layer, after the written ones, then a spec and the one that it resolves to,
    which writes them all, would begin with other weights.
    """
    word = _known(wanted)
    arguments: dict[str, Value] = {}
    for argument in word.arguments if word else ():
        if argument.name in wanted.arguments:
            arguments[argument.name] = wanted.arguments[argument.name]
        elif "initializer" in argument.kinds and isinstance(argument.default, str):
            default = load_catalog().find(argument.default, "initializer")
            if default is not None:
                arguments[argument.name] = Object(default.kind, default.name, {}, wanted.span)
    return {**arguments, **wanted.arguments}


def refusal(wanted: Object, error: Exception) -> Refused:
    """What Keras said against a word, at the argument that it speaks of if it names one."""
    said = sentence(error)
    failed = plugin_failed(error, said, wanted.span)
    if failed is not None:
        return Refused([failed])
    argument = _blamed(said, wanted.arguments)
    subject = f"`{wanted.name}.{argument}`" if argument else f"`{wanted.name}`"
    return refuse(
        "keras-argument",
        f"Keras does not accept {subject} as it is written",
        wanted.span_of(argument) if argument else wanted.span,
        notes=(f"Keras says: {said}", f"`modelforge explain {wanted.name}` shows what it takes"),
    )


def _blamed(said: str, arguments: Iterable[str]) -> str:
    """The argument that is named first in the message, an empty string for none."""
    places = {
        name: found.start() for name in arguments if (found := re.search(rf"\b{name}\b", said))
    }
    return min(places, key=places.__getitem__) if places else ""


def _maker(wanted: Object) -> Callable[..., Any]:
    own = MAKERS.get((wanted.kind, wanted.name))
    if own is not None:
        return own
    if (wanted.kind, wanted.name) == ("application", hub.NAME):
        return backbone(wanted)
    word = _word(wanted)
    if word.refused:
        raise refuse(
            "refused-word", f"a spec cannot use `{wanted.name}`: {word.refused}", wanted.span
        )
    if word.chosen_by_keras:
        return lambda: word.name
    if word.kind == "activation":
        return _activation(word.name)
    found: Callable[..., Any] = getattr(_module(word.module), word.name.rpartition(".")[2])
    if word.kind == "application":
        return application(wanted, found)
    if word.kind == "operation":
        return lambda **arguments: Operation(found, arguments, word.calls)
    return found


def _word(wanted: Object) -> Word:
    word = _known(wanted)
    if word is not None and word.module != "modelforge":
        return word
    raise refuse(
        "unknown-word",
        f"there is no {wanted.kind} named `{wanted.name}` that can be built",
        wanted.span,
    )


def _known(wanted: Object) -> Word | None:
    kinds = [kind for kind in load_catalog().kinds if kind == wanted.kind]
    return load_catalog().find(wanted.name, *kinds)


def _activation(name: str) -> Callable[..., Any]:
    """A plain function where nothing is set, so that Keras saves it under its own name."""

    def activation(**arguments: Any) -> Any:
        if not arguments:
            return getattr(keras.activations, name)
        return ParameterizedActivation(name, arguments)

    return activation


def _module(path: str) -> Any:
    found: Any = keras
    for part in path.split(".")[1:]:
        found = getattr(found, part)
    return found


def _made(value: Value, span: Span) -> Any:
    """A value as Keras takes it."""
    if isinstance(value, Object):
        return make(value)
    if isinstance(value, Deferred):
        raise refuse(
            "not-yet-known",
            f"`${{{value.expression}}}` is not known before the data has been opened",
            value.span,
        )
    if isinstance(value, tuple):
        made = [_made(item, span) for item in value]
        return made if any(isinstance(item, Object) for item in value) else tuple(made)
    if isinstance(value, Mapping):
        _refuse_configuration(value, span)
        return {name: _made(item, span) for name, item in value.items()}
    return value


def _as_float(wanted: Object, name: str, value: Any) -> Any:
    """`momentum: 0` is as good as 0.0, although Keras insists on the type here and there."""
    if type(value) is not int:
        return value
    word = _known(wanted)
    argument = word.argument(name) if word else None
    return float(value) if argument and isinstance(argument.default, float) else value


def _refuse_configuration(value: Mapping[str, Value], span: Span) -> None:
    """Keras makes an object of any class out of such a mapping, wherever one is accepted."""
    if "class_name" in value:
        raise refuse(
            "object-configuration",
            "a spec names an object by its word, not by a configuration of Keras with `class_name`",
            span,
            notes=("write `Name`, `Name: value` or `Name: {argument: value}`",),
        )
