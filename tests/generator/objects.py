"""Objects inside layers and in `train`: initializers, regularizers, activations, schedules ...

An object is a pair in a list, `[name, arguments]`, until it is written: the one form has several
spellings, and the generator uses all of them.
"""

from __future__ import annotations

from typing import Any

from modelforge.catalog import Kind, Word, load_catalog
from modelforge.catalog.naming import snake_case
from tests.generator import plugin
from tests.generator.draw import Draw

SMALL = (0.001, 0.01, 0.1, 0.5)
# What each initializer may be given; the others take nothing but a seed. `Identity` and `STFT`
# make kernels of one shape only, `Orthogonal` none for a bias.
INITIALIZERS: dict[str, dict[str, Any]] = {
    "Constant": {"value": (0, 0.5, -1.0)},
    "GlorotNormal": {"seed": (1, 2)},
    "GlorotUniform": {"seed": (1, 2)},
    "HeNormal": {"seed": (1, 2)},
    "HeUniform": {},
    "LecunNormal": {},
    "LecunUniform": {},
    "Ones": {},
    "RandomNormal": {"mean": (0.0, 0.5), "stddev": SMALL},
    "RandomUniform": {"minval": (-0.5, -1), "maxval": (0.5, 1)},
    "TruncatedNormal": {"mean": (0.0,), "stddev": SMALL},
    "VarianceScaling": {
        "scale": (0.5, 2),
        "mode": ("fan_in", "fan_out", "fan_avg"),
        "distribution": ("uniform", "truncated_normal", "untruncated_normal"),
    },
    "Zeros": {},
}
MATRICES = {"Orthogonal": {"gain": (0.5, 1.0)}}
REGULARIZERS: dict[str, dict[str, Any]] = {
    "L1": {"l1": SMALL},
    "L2": {"l2": SMALL},
    "L1L2": {"l1": SMALL, "l2": SMALL},
}
CONSTRAINTS: dict[str, dict[str, Any]] = {
    "MaxNorm": {"max_value": (1, 2.5), "axis": (0,)},
    "MinMaxNorm": {"min_value": (0.0, 0.1), "max_value": (1.0, 2), "rate": (0.5, 1.0)},
    "NonNeg": {},
    "UnitNorm": {"axis": (0,)},
}
_PLAIN = (
    *("exponential", "hard_sigmoid", "hard_silu", "hard_tanh", "linear", "log_sigmoid", "mish"),
    *("relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "sparse_plus", "sparse_sigmoid"),
    *("tanh", "tanh_shrink"),
)
ACTIVATIONS: dict[str, dict[str, Any]] = {
    **{name: {} for name in _PLAIN},
    "celu": {"alpha": (0.5, 1.5)},
    "elu": {"alpha": (0.5, 2)},
    "gelu": {"approximate": (True, False)},
    "hard_shrink": {"threshold": SMALL},
    "leaky_relu": {"negative_slope": (0.1, 0.3)},
    "relu": {"negative_slope": (0.1,), "max_value": (6, 1.5), "threshold": (0.0, 0.1)},
    "soft_shrink": {"threshold": SMALL},
    "squareplus": {"b": (1, 4)},
}
# Keras 3.15.1 builds these layers, but cannot write their configuration.
UNSAVABLE = {("ELU", "activity_regularizer"), ("Identity", "activity_regularizer")}
SAFE = {"initializer", "regularizer", "constraint", "activation"}


class Objects:
    """Draws objects and writes them; plugged: those of the plugin, too."""

    def __init__(self, draw: Draw, plugged: bool = False) -> None:
        self.draw = draw
        self.plugged = plugged
        self.catalog = plugin.catalog() if plugged else load_catalog()

    def from_table(self, kind: Kind, table: dict[str, dict[str, Any]]) -> list[Any]:
        """An object of the table with some of its arguments."""
        name = self.draw.one(sorted(table))
        self.draw.note(f"{kind} {name}")
        return [name, kind, self.draw.some(0.5, **table[name])]

    def initializer(self, argument: str) -> list[Any]:
        """An initializer that fits the argument."""
        matrix = not argument.startswith(("bias", "beta", "gamma", "moving", "alpha"))
        table = INITIALIZERS | (MATRICES if matrix else {})
        if self.plugged and self.draw.chance(0.5):
            table = plugin.INITIALIZERS
        return self.from_table("initializer", table)

    def decorated(self, word: Word, arguments: dict[str, Any], often: float) -> dict[str, Any]:
        """The arguments with some of those that the catalog says to take objects."""
        tables = {
            "regularizer": REGULARIZERS, "constraint": CONSTRAINTS, "activation": ACTIVATIONS,
        }  # fmt: skip
        if self.plugged and self.draw.chance(0.5):
            tables["activation"] = plugin.ACTIVATIONS
        found = dict(arguments)
        for argument in word.arguments:
            kind = argument.kinds[0] if argument.kinds else ""
            if argument.name in arguments or kind not in SAFE:
                continue
            if not self.draw.chance(2 * often if kind == "activation" else often):
                continue
            if (word.name, argument.name) in UNSAVABLE:
                continue
            if kind == "initializer":
                found[argument.name] = self.initializer(argument.name)
            else:
                found[argument.name] = self.from_table(kind, tables[kind])  # type: ignore[arg-type]
        return found

    def written(self, made: list[Any]) -> Any:
        """The object in one of its spellings."""
        name, kind, arguments = made
        word = self.catalog.find(name, kind)
        assert word is not None, (name, kind)
        arguments = {key: self.value(item) for key, item in arguments.items()}
        spelling = self._spelling(word)
        if not arguments:
            return spelling if self.draw.chance(0.8) else {spelling: None}
        first = word.first.name if word.first else ""
        if [*arguments] == [first] and not isinstance(arguments[first], dict):
            self.draw.note("form Name: value")
            return {spelling: arguments[first]} if self.draw.chance(0.5) else {spelling: arguments}
        self.draw.note("form Name: {...}")
        return {spelling: arguments}

    def value(self, value: Any) -> Any:
        """A value, its objects written."""
        if is_object(value):
            return self.written(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return value

    def _spelling(self, word: Word) -> str:
        aliases = [alias for alias in word.aliases if alias == snake_case(word.name)]
        if aliases and word.kind in SAFE and self.draw.chance(0.3):
            self.draw.note("form alias")
            return aliases[0]
        return word.name


def is_object(value: Any) -> bool:
    """Whether a value is an object that is still to be written."""
    return (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and isinstance(value[2], dict)
    )
