"""The installed Keras as words: what is taken in, what is left out, and what is said of it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from modelforge.catalog import Word, load_catalog
from modelforge.catalog.changes import changes
from modelforge.catalog.load import committed_file
from modelforge.catalog.record import dump
from modelforge.introspect import describe_keras, keras_version
from modelforge.introspect.names import NAMESPACES, Namespace

# What the public namespaces hold besides words: bases, services, functional forms of classes.
NOT_WORDS = {
    "layer": {"Layer", "Wrapper", "InputSpec"},
    "loss": {"Loss"},
    "metric": {"Metric"},
    "optimizer": {"Optimizer", "OptimizerMap"},
    "schedule": {"LearningRateSchedule"},
    "initializer": {"Initializer"},
    "regularizer": {"Regularizer"},
    "constraint": {"Constraint"},
    "callback": {"Callback"},
    "quantization": {"QuantizationConfig", "Quantizer", "AbsMaxQuantizer"},
}


@pytest.fixture(scope="module")
def described() -> tuple[Word, ...]:
    return describe_keras()


def test_the_committed_file_is_what_the_installed_keras_says(described: tuple[Word, ...]) -> None:
    committed = committed_file(keras_version()).read_text(encoding="utf-8")
    in_file = [word for word in load_catalog() if word.module.startswith("keras")]
    assert changes(in_file, described) == []
    assert dump(described, keras_version()) == committed, "run `python -m modelforge.introspect`"


@pytest.mark.parametrize("namespace", NAMESPACES, ids=lambda namespace: namespace.kind)
def test_no_public_object_is_left_out(namespace: Namespace, described: tuple[Word, ...]) -> None:
    known = {
        name
        for word in described
        if word.kind == namespace.kind
        for name in (word.name, *word.aliases)
    }
    public = set(_public(namespace))
    assert public - known == NOT_WORDS.get(namespace.kind, set())


def _public(namespace: Namespace) -> Iterator[str]:
    for name, thing in vars(namespace.module).items():
        wanted = inspect.isfunction if namespace.functions else inspect.isclass
        if wanted(thing) and name not in ("get", "serialize", "deserialize"):
            yield name


def test_every_word_says_what_it_is(described: tuple[Word, ...]) -> None:
    silent = {word.name for word in described if not word.summary}
    # Keras itself says nothing about these.
    assert silent == {
        "FloatDTypePolicy",
        "InputLayer",
        "QuantizedDTypePolicy",
        "QuantizedFloat8DTypePolicy",
    }


def test_nearly_every_argument_is_documented(described: tuple[Word, ...]) -> None:
    texts = [bool(argument.documentation) for word in described for argument in word.arguments]
    assert sum(texts) / len(texts) > 0.9


def find(described: tuple[Word, ...], kind: str, name: str) -> Word:
    return next(word for word in described if word.kind == kind and word.name == name)


def test_a_convolution(described: tuple[Word, ...]) -> None:
    word = find(described, "layer", "Conv2D")
    assert word.aliases == ("Convolution2D",)
    assert [argument.name for argument in word.required] == ["filters", "kernel_size"]
    assert word.calls == ("inputs",)
    filters, kernel = word.argument("filters"), word.argument("kernel_size")
    assert filters is not None
    assert filters.types == ("integer",)
    assert filters.minimum == 1
    assert kernel is not None
    assert (kernel.types, kernel.items, kernel.length) == (
        ("integer", "array"),
        ("integer",),
        (2, 2),
    )
    padding = word.argument("padding")
    assert padding is not None
    assert (padding.choices, padding.default) == (("valid", "same"), "valid")
    initializer = word.argument("kernel_initializer")
    assert initializer is not None
    assert initializer.kinds == ("initializer",)
    assert word.argument("rank") is None, "the class sets it itself"


def test_arguments_of_the_base_classes_are_taken_in(described: tuple[Word, ...]) -> None:
    assert find(described, "layer", "Flatten").argument("dtype") is not None
    assert find(described, "optimizer", "Adam").argument("global_clipnorm") is not None
    assert find(described, "loss", "Huber").argument("reduction") is not None


def test_a_learning_rate_is_a_number_or_a_schedule(described: tuple[Word, ...]) -> None:
    rate = find(described, "optimizer", "Adam").argument("learning_rate")
    assert rate is not None
    assert (rate.types, rate.kinds, rate.default) == (("number",), ("schedule",), 0.001)


def test_attention_is_called_with_names(described: tuple[Word, ...]) -> None:
    word = find(described, "layer", "MultiHeadAttention")
    assert word.calls[:3] == ("query", "value", "key")
    assert [option.name for option in word.options] == [
        "return_attention_scores",
        "training",
        "use_causal_mask",
    ]
    assert "training" not in word.calls


def test_a_layer_that_trains_otherwise_can_be_told(described: tuple[Word, ...]) -> None:
    for kind, name in (("layer", "Dropout"), ("layer", "Bidirectional"), ("application", "VGG16")):
        assert "training" in [option.name for option in find(described, kind, name).options]
    assert find(described, "layer", "Flatten").options == ()


def test_merging_layers_take_a_list(described: tuple[Word, ...]) -> None:
    merging = {word.name for word in described if word.merges and word.kind == "layer"}
    assert merging == {
        "Add",
        "AdditiveAttention",
        "Attention",
        "Average",
        "Concatenate",
        "Dot",
        "HashedCrossing",
        "Maximum",
        "Minimum",
        "Multiply",
        "Subtract",
    }


@pytest.mark.parametrize(
    ("kind", "alias", "name"),
    [
        ("loss", "mse", "MeanSquaredError"),
        ("loss", "MSE", "MeanSquaredError"),
        ("loss", "kl_divergence", "KLDivergence"),
        ("metric", "precision_at_recall", "PrecisionAtRecall"),
        ("initializer", "uniform", "RandomUniform"),
        ("initializer", "he_normal", "HeNormal"),
        ("activation", "swish", "silu"),
        ("optimizer", "adamw", "AdamW"),
        ("layer", "GroupedQueryAttention", "GroupQueryAttention"),
        ("metric", "acc", "accuracy"),
        ("loss", "ce", "crossentropy"),
    ],
)
def test_aliases_fold_into_the_canonical_name(
    described: tuple[Word, ...], kind: str, alias: str, name: str
) -> None:
    assert alias in find(described, kind, name).aliases


def test_words_that_take_functions_are_refused(described: tuple[Word, ...]) -> None:
    refused = {word.name for word in described if word.refused and word.kind != "operation"}
    assert refused == {
        "AWQConfig",
        "CallbackList",
        "FlaxLayer",
        "GPTQConfig",
        "InputLayer",
        "JaxLayer",
        "Lambda",
        "LambdaCallback",
        "LearningRateScheduler",
        "MeanMetricWrapper",
        "MultiOptimizer",
        "TFSMLayer",
        "TorchModuleWrapper",
    }
