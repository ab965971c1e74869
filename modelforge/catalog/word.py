"""A word of the language: its name, its arguments, and what its documentation says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

# Every kind of object that a spec can name. The first block is Keras's, the second ours.
Kind = Literal[
    "layer",
    "activation",
    "initializer",
    "regularizer",
    "constraint",
    "loss",
    "metric",
    "optimizer",
    "schedule",
    "callback",
    "application",
    "operation",
    "quantization",
    "dtype_policy",
    "source",
    "feature",
    "target",
    "export",
    "strategy",
]

# What an item of `model.layers` may name.
LAYER_KINDS: tuple[Kind, ...] = ("layer", "application", "operation")

# What an argument that takes a layer may name.
INNER_KINDS: tuple[Kind, ...] = ("layer", "application")

PLUGINS = "modelforge_plugins"  # the module that holds the words of plugins

TAKES_FUNCTION = "it takes a function, and a spec runs no code"

JsonType = Literal["null", "boolean", "integer", "number", "string", "array", "object"]

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a word.

    types: the JSON types that plain values may have; empty where nothing is known (anything goes).
    kinds: the kinds of object that it takes (a `kernel_initializer` takes an initializer).
    many: it takes a list of such objects (`StackedRNNCells.cells`), or a mapping of them; with
        `items` also plain values among them.
    choices: the only strings allowed; empty where any is.
    items: the JSON types of a list's items; length: (least, most) items.
    minimum, maximum, above: numeric bounds, inclusive, inclusive, and exclusive from below.
    keyword_only: it cannot be the `Name: value` short form's argument.
    unsayable: why a spec cannot say it (it takes a function or a tensor); empty where it can.
    """

    name: str
    types: tuple[JsonType, ...] = ()
    kinds: tuple[Kind, ...] = ()
    many: bool = False
    choices: tuple[str, ...] = ()
    items: tuple[JsonType, ...] = ()
    length: tuple[int, int] | None = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    required: bool = False
    default: JsonValue = None
    keyword_only: bool = False
    unsayable: str = ""
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the language.

    module: the public module that holds it (`keras.layers`), or `modelforge` for ours.
    aliases: other names under which it may be written (`Convolution2D`, `he_normal`, `mse`).
    calls: for layers, the arguments of `call` that take tensors, in order (`query`, `value`). Those
        of an operation that may be numbers instead are among its arguments, too.
    options: for layers, the other arguments of `call` (`use_causal_mask`), with their defaults.
    merges: for layers, its first call argument is a list of tensors (Add, Concatenate).
    refused: why a spec may not use it (it runs code); empty where it may.
    """

    name: str
    kind: Kind
    module: str = "modelforge"
    aliases: tuple[str, ...] = ()
    arguments: tuple[Argument, ...] = ()
    summary: str = ""
    documentation: str = ""
    calls: tuple[str, ...] = ()
    options: tuple[Argument, ...] = ()
    merges: bool = False
    refused: str = ""
    _by_name: dict[str, Argument] = field(default_factory=dict, repr=False, compare=False)

    def argument(self, name: str) -> Argument | None:
        """The argument of this name, or None."""
        if not self._by_name:
            self._by_name.update({argument.name: argument for argument in self.arguments})
        return self._by_name.get(name)

    @property
    def first(self) -> Argument | None:
        """The argument that `Name: value` sets: the first one that is not keyword-only."""
        for argument in self.arguments:
            if not argument.keyword_only and not argument.unsayable:
                return argument
            if not argument.keyword_only:
                return None
        return None

    @property
    def chosen_by_keras(self) -> bool:
        """Whether Keras's `compile` chooses what it stands for by the loss and the shapes."""
        return self.module == "keras.Model.compile"

    @property
    def needed_tensors(self) -> tuple[str, ...]:
        """The tensors without which an operation cannot be called."""
        if self.kind != "operation":
            return ()
        arguments = {name: self.argument(name) for name in self.calls}
        return tuple(name for name, it in arguments.items() if not it or "null" not in it.types)

    @property
    def takes_several(self) -> bool:
        """Whether it makes one of several tensors (Add, `ops.maximum`), as `merge` wants it."""
        several = self.merges or (self.kind == "operation" and len(self.calls) > 1)
        return several and not self.refused

    @property
    def plugged(self) -> bool:
        """Whether a plugin brings it; then only the spec that names the plugin knows it."""
        return self.module.startswith(PLUGINS)

    @property
    def bare(self) -> bool:
        """Whether the word may stand without arguments."""
        return not self.required and not self.refused

    @property
    def required(self) -> tuple[Argument, ...]:
        """The arguments that must be given."""
        return tuple(argument for argument in self.arguments if argument.required)
