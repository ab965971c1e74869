"""Which public Keras objects are words, and under which names each may be written."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from modelforge.catalog.word import Kind
from modelforge.introspect.private import identifiers, wrapped_function


@dataclass(frozen=True)
class Namespace:
    """A public module of Keras, the kind of its words, and the base class they share.

    hooks: the methods that a usable subclass overrides; a class with none of them of its own is
    abstract. functions: the words are functions, not classes.
    """

    kind: Kind
    path: str
    base: Any
    hooks: tuple[str, ...] = ()
    functions: bool = False

    @property
    def module(self) -> Any:
        """The module itself."""
        found: Any = keras
        for part in self.path.split("."):
            found = getattr(found, part)
        return found


NAMESPACES = (
    Namespace("layer", "layers", keras.layers.Layer, hooks=("call",)),
    Namespace("activation", "activations", None, functions=True),
    Namespace("initializer", "initializers", keras.initializers.Initializer),
    Namespace("regularizer", "regularizers", keras.regularizers.Regularizer),
    Namespace("constraint", "constraints", keras.constraints.Constraint),
    Namespace("loss", "losses", keras.losses.Loss),
    Namespace("metric", "metrics", keras.metrics.Metric),
    Namespace("optimizer", "optimizers", keras.optimizers.Optimizer),
    Namespace("schedule", "optimizers.schedules", keras.optimizers.schedules.LearningRateSchedule),
    Namespace("callback", "callbacks", keras.callbacks.Callback),
    Namespace("application", "applications", None, functions=True),
    Namespace("quantization", "quantizers", keras.quantizers.QuantizationConfig),
    Namespace("dtype_policy", "dtype_policies", keras.dtype_policies.DTypePolicy),
)

# What every namespace offers for reading and writing objects; none of it is an object.
_SERVICES = ("get", "serialize", "deserialize")


@dataclass(frozen=True)
class Named:
    """A word's object with its canonical name and the other names Keras knows it by."""

    thing: Any
    name: str
    aliases: tuple[str, ...]


def objects_of(namespace: Namespace) -> Iterator[Named]:
    """The words of a namespace, sorted by name."""
    public = {
        name: thing
        for name, thing in vars(namespace.module).items()
        if not name.startswith("_") and name not in _SERVICES
    }
    things = {id(thing): thing for thing in public.values() if _is_word(thing, namespace)}
    names: dict[int, set[str]] = {
        key: {name for name, thing in public.items() if thing is found}
        for key, found in things.items()
    }
    for identifier in sorted({*identifiers(namespace.path), *public}):
        key = _meaning(identifier, namespace, things)
        if key is not None:
            names[key].add(identifier)
    found = (_named(things[key], names[key]) for key in things)
    yield from sorted(found, key=lambda named: named.name)


def _named(thing: Any, names: set[str]) -> Named:
    """The canonical name is the class's own, unless Keras publishes it under another one only."""
    name = thing.__name__ if thing.__name__ in names else min(names)
    names = {*names, thing.__name__}
    return Named(thing, name, tuple(sorted(names - {name})))


def _is_word(thing: Any, namespace: Namespace) -> bool:
    if namespace.functions:
        return inspect.isfunction(thing)
    if not inspect.isclass(thing) or not issubclass(thing, namespace.base):
        return False
    if namespace.kind == "dtype_policy":  # here the base class is itself a useful object
        return True
    own = [getattr(thing, hook) is not getattr(namespace.base, hook) for hook in namespace.hooks]
    return thing is not namespace.base and (any(own) or not own)


def _meaning(identifier: str, namespace: Namespace, things: dict[int, Any]) -> int | None:
    """The word that Keras itself makes of a string, None where it makes none."""
    get = getattr(namespace.module, "get", None)
    if get is None:
        return None
    try:
        made = get(identifier)
    except Exception:  # whatever Keras raises for a name that needs arguments, even a KeyError
        return _named_alike(identifier, things)
    if id(made) in things:
        return id(made)
    if id(type(made)) in things:
        return id(type(made))
    return _wrapper_of(made, things) if inspect.isfunction(made) else None


def _named_alike(identifier: str, things: dict[int, Any]) -> int | None:
    folded = identifier.replace("_", "").lower()
    for key, thing in things.items():
        if thing.__name__.lower() == folded:
            return key
    return None


def _wrapper_of(function: Any, things: dict[int, Any]) -> int | None:
    """The class whose loss or metric this function computes (`mean_squared_error`)."""
    for key, thing in things.items():
        if inspect.isclass(thing) and wrapped_function(thing) is function:
            return key
    return None
