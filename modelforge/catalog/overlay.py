"""Facts about Keras that neither signatures nor documentation tell, each tested against Keras."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from modelforge.catalog.own.backbones import ARGUMENTS
from modelforge.catalog.own.smoothing import LABEL_SMOOTHING
from modelforge.catalog.ranges import RANGES, Range
from modelforge.catalog.word import TAKES_FUNCTION, Argument, JsonType, JsonValue, Kind, Word


@dataclass(frozen=True)
class Refusal:
    """A word that a spec may not use, and why."""

    kind: Kind
    word: str
    reason: str


@dataclass(frozen=True)
class Also:
    """Types that an argument takes although its documentation does not say so.

    sample: a value that Keras takes, where a list of one number is none.
    """

    kind: Kind
    words: tuple[str, ...]
    argument: str
    types: tuple[JsonType, ...]
    sample: JsonValue = None


ALSO: tuple[Also, ...] = (
    Also("layer", ("Rescaling",), "scale", ("array",), [0.5]),
    Also("layer", ("Rescaling",), "offset", ("array",)),
    Also("layer", ("AdaptiveAveragePooling1D", "AdaptiveMaxPooling1D"), "output_size", ("array",)),
    Also("layer", ("RandomPosterization",), "factor", ("array",), [2, 4]),
    Also("layer", ("Hashing",), "salt", ("array",), [1, 2]),
    Also("layer", ("MaxPooling1D", "AveragePooling1D"), "pool_size", ("array",)),
    Also("layer", ("MaxPooling1D", "AveragePooling1D"), "strides", ("array",)),
)

# Layers outside the family of Add and Concatenate whose input is a list of tensors.
MERGES: tuple[str, ...] = ("HashedCrossing",)

_MODULE = "it holds a module of another framework, which is code; a plugin may bring such a layer"

# Each says what to use instead.
REFUSALS: tuple[Refusal, ...] = (
    Refusal("layer", "InputLayer", "inputs are declared under `model.inputs`"),
    Refusal(
        "layer",
        "TFSMLayer",
        "it runs the code in a SavedModel, which nothing has checked; `load` reads a `.keras` file",
    ),
    Refusal(
        "layer",
        "Lambda",
        f"{TAKES_FUNCTION}; use functions of `keras.ops` (`ops.multiply`), or a layer from a "
        "plugin",
    ),
    *(Refusal("layer", name, _MODULE) for name in ("FlaxLayer", "JaxLayer", "TorchModuleWrapper")),
    Refusal("callback", "CallbackList", "`train.callbacks` is a list already"),
    Refusal("callback", "LambdaCallback", f"{TAKES_FUNCTION}; use a callback from a plugin"),
    Refusal(
        "callback",
        "LearningRateScheduler",
        f"{TAKES_FUNCTION}; give the optimizer a schedule, "
        "`learning_rate: {ExponentialDecay: ...}`, or use `ReduceLROnPlateau`",
    ),
    Refusal("metric", "MeanMetricWrapper", f"{TAKES_FUNCTION}; use a metric from a plugin"),
    Refusal(
        "optimizer",
        "MultiOptimizer",
        "it takes the layers of a model that is built; use one optimizer for all of them",
    ),
    *(
        Refusal(
            "quantization",
            name,
            "it takes calibration data, which is no value; `Int8QuantizationConfig` and "
            "`Int4QuantizationConfig` need none",
        )
        for name in ("AWQConfig", "GPTQConfig")
    ),
)

# Strings that `compile` alone understands: it picks the class that fits the labels and outputs.
_CHOSEN_BY_SHAPE: tuple[tuple[Kind, str, str, str], ...] = (
    (
        "metric",
        "accuracy",
        "acc",
        "BinaryAccuracy, CategoricalAccuracy or SparseCategoricalAccuracy",
    ),
    (
        "loss",
        "crossentropy",
        "ce",
        "BinaryCrossentropy, CategoricalCrossentropy or SparseCategoricalCrossentropy",
    ),
)


def added_words() -> tuple[Word, ...]:
    """The words of Keras that are no object of any namespace."""
    return tuple(
        Word(
            name=name,
            kind=kind,
            module="keras.Model.compile",
            aliases=(alias,),
            summary=f"{classes}, whichever fits the shapes of labels and outputs.",
        )
        for kind, name, alias, classes in _CHOSEN_BY_SHAPE
    )


_Fact = TypeVar("_Fact", Range, Also)


def apply(word: Word) -> Word:
    """The word with what the overlay knows about it."""
    arguments = tuple(_bounded(word, argument) for argument in word.arguments)
    arguments = (*arguments, *_own_arguments(word))
    reasons = [r.reason for r in REFUSALS if (r.kind, r.word) == (word.kind, word.name)]
    taken = {name for kind, *names, _ in _CHOSEN_BY_SHAPE if kind == word.kind for name in names}
    aliases = tuple(alias for alias in word.aliases if alias not in taken)
    return replace(
        word,
        aliases=aliases,
        arguments=arguments,
        merges=word.merges or (word.kind == "layer" and word.name in MERGES),
        refused=reasons[0] if reasons else word.refused,
    )


def _own_arguments(word: Word) -> tuple[Argument, ...]:
    """What ModelForge adds to a word of Keras, and takes away again before Keras is called."""
    if word.kind == "application":
        return ARGUMENTS
    smooths = (word.kind, word.name) == ("loss", "SparseCategoricalCrossentropy")
    return (LABEL_SMOOTHING,) if smooths else ()


def _bounded(word: Word, argument: Argument) -> Argument:
    for bounds in _about(RANGES, word, argument):
        argument = replace(
            argument, minimum=bounds.minimum, maximum=bounds.maximum, above=bounds.above
        )
    for also in _about(ALSO, word, argument):
        argument = replace(argument, types=(*argument.types, *also.types))
    return argument


def _about(facts: Iterable[_Fact], word: Word, argument: Argument) -> list[_Fact]:
    return [
        fact
        for fact in facts
        if fact.kind == word.kind and word.name in fact.words and fact.argument == argument.name
    ]
