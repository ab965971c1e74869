"""What Keras itself writes is opened: nothing that a model can hold is refused by mistake."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from modelforge.build.objects import make
from modelforge.catalog import Word, load_catalog
from modelforge.catalog.own.backbones import BACKBONES
from modelforge.findings import Findings
from modelforge.layers.activation import ParameterizedActivation
from modelforge.loading import load_model
from modelforge.loading.sizes import check_sizes
from modelforge.modelfile import Doubts
from modelforge.modelfile.harm import check_harmless
from modelforge.modelfile.structure import structure_of
from tests.conformance import inputs
from tests.conformance.examples import as_object, minimal

layers = keras.layers
LAYERS = [word for word in load_catalog().words("layer").values() if not word.refused]
APPLICATIONS = [*BACKBONES]
ONLY_EAGER = ("Equalization",)  # cannot be part of a model in Keras 3.15.1


def saved(model: keras.Model, folder: Path) -> keras.Model:
    """The model, saved and opened again."""
    path = folder / "model.keras"
    model.save(path)
    return load_model(str(path))


@pytest.mark.parametrize("word", LAYERS, ids=lambda word: word.name)
def test_every_layer(word: Word, tmp_path: Path) -> None:
    if word.name in ONLY_EAGER:
        pytest.skip("no model can hold it")
    keras.backend.clear_session()
    layer = make(as_object(minimal(word), word.kind))
    if "states" in word.calls:
        layer, shapes = layers.RNN(layer), ((6, 4), "float32")
    else:
        shapes = inputs.shapes_of(word)
    first = inputs.symbolic(shapes)
    model = keras.Model(first, layer(first, first) if "value" in word.calls else layer(first))
    again = saved(model, tmp_path)
    assert [weight.shape for weight in again.weights] == [weight.shape for weight in model.weights]


def _several() -> keras.Model:
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    encoder = keras.Sequential([keras.Input((4,)), layers.Dense(3)], name="encoder")
    both = layers.Concatenate()([encoder(left), encoder(right)])
    outputs = {"a": layers.Dense(1, name="a")(both), "b": layers.Dense(2, name="b")(both)}
    return keras.Model({"left": left, "right": right}, outputs)


def _nested(depth: int) -> keras.Model:
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    for _ in range(depth):
        first = keras.Input((2,))
        model = keras.Model(first, layers.Dense(2)(model(first)))
    return model


def _lookups() -> keras.Model:
    text, number = keras.Input((1,), dtype="string"), keras.Input((1,), dtype="int64")
    words = layers.StringLookup(vocabulary=["red", "grün", "blå"], output_mode="one_hot")
    numbers = layers.IntegerLookup(output_mode="one_hot")
    numbers.adapt(np.array([[3], [5]]))
    sentence = layers.TextVectorization(max_tokens=20, output_sequence_length=3)
    sentence.adapt(["a few words", "and more words"])
    embedded = layers.Flatten()(layers.Embedding(20, 4)(sentence(text)))
    return keras.Model(
        [text, number], layers.Concatenate()([words(text), numbers(number), embedded])
    )


def _adapted() -> keras.Model:
    first = keras.Input((3,))
    normal = layers.Normalization()
    normal.adapt(np.random.default_rng(0).normal(size=(20, 3)))
    bins = layers.Discretization(num_bins=4, output_mode="one_hot")
    bins.adapt(np.random.default_rng(0).normal(size=(20, 3)))
    return keras.Model(first, layers.Concatenate()([normal(first), layers.Flatten()(bins(first))]))


def _operations() -> keras.Model:
    first = keras.Input((6, 2))
    found = keras.ops.relu(first)[:, 1:4, ...] * 2.0 - keras.ops.mean(first, axis=1, keepdims=True)
    found = keras.ops.concatenate([found, keras.ops.stop_gradient(found)], axis=-1)
    found = keras.ops.einsum("bij,bkj->bik", found, keras.ops.cast(found, "float32"))
    return keras.Model(first, keras.ops.norm(keras.ops.transpose(found, (0, 2, 1)), axis=1))


def _compiled() -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(1)])
    rate = keras.optimizers.schedules.CosineDecay(0.1, 10)
    model.compile(
        keras.optimizers.Adam(rate), keras.losses.Huber(), metrics=["mae", keras.metrics.R2Score()]
    )
    model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)
    return model


def _custom_loss() -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("sgd", lambda y, p: y - p)  # how a model was compiled is not read
    return model


def _quantized(mode: str) -> Callable[[], keras.Model]:
    def make_it() -> keras.Model:
        model = keras.Sequential([keras.Input((8,)), layers.Dense(8), layers.Dense(4)])
        model.quantize(mode)
        return model

    return make_it


def _with_policy(policy: str) -> Callable[[], keras.Model]:
    def make_it() -> keras.Model:
        keras.config.set_dtype_policy(policy)
        try:
            return keras.Sequential(
                [keras.Input((8, 8, 1)), layers.Conv2D(4, 3), layers.BatchNormalization()]
            )
        finally:
            keras.config.set_dtype_policy("float32")

    return make_it


def _own_activation() -> keras.Model:
    own = ParameterizedActivation("gelu", {"approximate": True})
    return keras.Sequential([keras.Input((4,)), layers.Dense(2, activation=own)])


MODELS: dict[str, Callable[[], keras.Model]] = {
    "several inputs and outputs, a shared model": _several,
    "models in models": lambda: _nested(12),
    "lookups": _lookups,
    "adapted to data": _adapted,
    "operations": _operations,
    "compiled": _compiled,
    "compiled with a lambda": _custom_loss,
    "int8": _quantized("int8"),
    "int4": _quantized("int4"),
    "float8": _quantized("float8"),
    "mixed_float16": _with_policy("mixed_float16"),
    "bfloat16": _with_policy("bfloat16"),
    "float64": _with_policy("float64"),
    "activation with arguments": _own_activation,
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.filterwarnings("ignore")
def test_models(name: str, tmp_path: Path) -> None:
    keras.backend.clear_session()
    model = MODELS[name]()
    again = saved(model, tmp_path)
    assert sums(again) == sums(model)


def test_low_rank_adaptation_is_saved_as_its_sum(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, lora_rank=2)])
    rows = np.ones((2, 4), "float32")
    assert np.allclose(saved(model, tmp_path)(rows), model(rows), atol=1e-6)


def sums(model: keras.Model) -> list[tuple[tuple[int, ...], float]]:
    """The shape and the sum of every weight; in float8 models their order changes."""
    found = []
    for weight in model.weights:
        values = keras.ops.convert_to_numpy(weight).astype("float64")
        found.append((values.shape, float(values.sum())))
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications(name: str) -> None:
    keras.backend.clear_session()
    with keras.StatelessScope(initialize_variables=False):
        model = getattr(keras.applications, name)(weights=None)
        held = sum(4 * np.prod(weight.shape) for weight in model.weights)
        text = json.dumps(keras.saving.serialize_keras_object(model))
    doubts = Doubts(name, Findings())
    check_harmless(json.loads(text), doubts)
    structure = structure_of(json.loads(text))
    check_sizes(text.encode(), int(held), doubts)
    assert not doubts.findings.errors
    assert [layer.name for layer in structure.layers.values()] == [
        it.name for it in model.operations
    ]
