"""Models in the place of a layer that another layer takes: built as by hand, saved, trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from modelforge.build import build_model
from modelforge.build.plugins import run_plugins
from modelforge.build.table import layer_table
from modelforge.document import parse
from modelforge.document.write import to_yaml
from modelforge.findings import Findings, Refused, Source
from modelforge.findings.text import render
from modelforge.graph import Loaded, load, understand
from modelforge.graph.plugins import TRUSTED
from modelforge.graph.shapes.rows import rows
from modelforge.loading import load_model
from modelforge.spec.resolved import Resolved

CLIP = np.random.default_rng(0).normal(size=(3, 4, 8, 8, 2)).astype("float32")
FRAMES = """\
blocks:
  conv:
    params: {filters: }
    layers:
      - Conv2D: {filters: "${filters}", kernel_size: 3}
        name: conv
      - BatchNormalization
      - ReLU
model:
  inputs: {clip: {shape: [4, 8, 8, 2]}}
  layers:
    - TimeDistributed:
        layer:
          model:
            layers:
              - conv: "${4 * (i + 1)}"
                repeat: 2
                name: stage
              - Flatten
              - Dense: 5
      name: frames
    - GRU: 3
"""


def understood(text: str) -> Loaded:
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    loaded = understand(root, (), findings) if root else None
    assert loaded is not None, render(findings)
    return loaded


def built(text: str) -> keras.Model:
    loaded = understood(text)
    model = build_model(loaded.graph, {}, "m")
    told = rows(loaded.graph, loaded.known)
    assert told is None or told == layer_table(model, loaded.graph)
    return model


def layers(*items: str, shape: str = "[4, 8]") -> str:
    each = "".join(f"    - {item}\n" for item in items)
    return f"model:\n  inputs: {{x: {{shape: {shape}}}}}\n  layers:\n{each}"


def by_hand() -> keras.Model:
    """What FRAMES says, written with Keras."""
    frame = found = keras.Input((8, 8, 2))
    for filters in (4, 8):
        found = keras.layers.Conv2D(filters, 3)(found)
        found = keras.layers.ReLU()(keras.layers.BatchNormalization()(found))
    cnn = keras.Model(frame, keras.layers.Dense(5)(keras.layers.Flatten()(found)))
    clip = keras.Input((4, 8, 8, 2))
    return keras.Model(clip, keras.layers.GRU(3)(keras.layers.TimeDistributed(cnn)(clip)))


def test_a_cnn_over_frames_is_what_keras_makes_of_it_by_hand() -> None:
    model, other = built(FRAMES), by_hand()
    assert [weight.shape for weight in model.weights] == [w.shape for w in other.weights]
    other.set_weights(model.get_weights())
    assert np.allclose(model(CLIP), other(CLIP), atol=1e-6)
    for each in (model, other):
        each.compile(keras.optimizers.SGD(0.1), "mse")
        each.fit(CLIP, np.ones((3, 3)), epochs=3, batch_size=3, shuffle=False, verbose=0)
    for left, right in zip(model.get_weights(), other.get_weights(), strict=True):
        assert np.allclose(left, right, atol=1e-5)


def test_the_layers_within_have_their_path_names() -> None:
    frames: Any = built(FRAMES).get_layer("frames")
    names = [layer.name for layer in frames.layer.layers]
    assert names[1:4] == ["stage.0.conv", "stage.0.batch_normalization", "stage.0.re_lu"]
    assert names[-1] == "dense"


def test_it_is_saved_loaded_and_exported(tmp_path: Path) -> None:
    model = built(FRAMES)
    model.save(tmp_path / "m.keras")
    expected = model.predict(CLIP, verbose=0)
    again = load_model(str(tmp_path / "m.keras"))
    assert np.array_equal(again.predict(CLIP, verbose=0), expected)
    again.export(tmp_path / "saved", verbose=False)
    exported = tf.saved_model.load(str(tmp_path / "saved"))
    assert np.allclose(exported.serve(CLIP), expected, atol=1e-6)


@pytest.mark.parametrize(
    "item",
    [
        "TimeDistributed: {layer: {model: {layers: [{Dense: 3}, {Dense: 2}]}}}",
        "TimeDistributed: {layer: {model: {inputs: {a: {shape: [8]}}, layers: [{Dense: 3}]}}}",
        "TimeDistributed: {layer: {model: {layers: [{Dense: 3}, {model: {layers: [ReLU]}}]}}}",
        "Pipeline: {layers: [ReLU, {model: {layers: [Flatten, {Dense: 3}]}}, Softmax]}",
    ],
)
def test_the_resolved_spec_builds_the_same(item: str) -> None:
    loaded = understood(layers(item))
    text = to_yaml(Resolved(loaded.catalog).spec(loaded.spec))
    one, two = built(layers(item)), built(text)
    two.set_weights(one.get_weights())
    values = np.random.default_rng(1).normal(size=(2, 4, 8)).astype("float32")
    assert np.allclose(one(values), two(values), atol=1e-6)


def test_a_model_is_applied_at_each_step_of_each_step() -> None:
    inner = "{TimeDistributed: {layer: {model: {layers: [{Dense: 4}, {Dense: 5}]}}}}"
    model = built(layers(f"TimeDistributed: {{layer: {inner}}}", shape="[3, 4, 8]"))
    assert model.output_shape == (None, 3, 4, 5)
    assert model.count_params() == 8 * 4 + 4 + 4 * 5 + 5


def test_a_mask_goes_through() -> None:
    body = "TimeDistributed: {layer: {model: {layers: [{Dense: 4}, LayerNormalization]}}}"
    model = built(layers("Masking", body, "LSTM: 3"))
    short = np.random.default_rng(2).normal(size=(2, 4, 8)).astype("float32")
    short[:, 2:] = 0
    steps = keras.Model(model.input, model.get_layer("time_distributed").output)(short)
    assert np.allclose(model(short), model.get_layer("lstm")(steps[:, :2]), atol=1e-6)


def test_an_application_looks_at_each_frame() -> None:
    word = "MobileNetV2: {weights: null, include_top: false, pooling: avg, alpha: 0.35}"
    model = built(layers(f"TimeDistributed: {{layer: {{{word}}}}}", shape="[2, 32, 32, 3]"))
    assert model.output_shape == (None, 2, 1280)


def test_a_saved_model_looks_at_each_frame(tmp_path: Path) -> None:
    row = keras.Input((8,))
    hidden = keras.layers.Dense(6, name="hidden", kernel_initializer="ones")(row)
    keras.Model(row, keras.layers.Dense(2)(hidden)).save(tmp_path / "base.keras")
    path = tmp_path / "spec.yaml"
    until = "{path: base.keras, until: hidden, trainable: false}"
    whole = "{model: {layers: [{Dense: 8}, {load: base.keras}]}}"
    text = layers(
        f"TimeDistributed: {{layer: {{load: {until}}}}}", f"TimeDistributed: {{layer: {whole}}}"
    )
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded, render(findings)
    assert loaded.known["time_distributed"].shape == (None, 4, 6)
    model = build_model(loaded.graph, {}, "m")
    first: Any = model.get_layer("time_distributed")
    assert np.all(first.layer.get_layer("hidden").kernel == 1)
    assert first.trainable_weights == []


NOT_TRAINED = [
    "TimeDistributed: {layer: {model: {layers: [{Dense: 3}, {Dense: 2}]}}, trainable: false}",
    "TimeDistributed: {layer: {Dense: 3}, trainable: false}",
    "Bidirectional: {layer: {LSTM: 3}, trainable: false}",
    "SpectralNormalization: {layer: {Dense: 3}, trainable: false}",
    "RNN: {cell: {GRUCell: 3}, trainable: false}",
]


@pytest.mark.parametrize("item", NOT_TRAINED)
def test_what_is_not_trainable_is_not_trained(item: str) -> None:
    """Keras 3.15.1 takes `trainable=False` of a constructor for the outermost layer alone."""
    model = built(layers(item))
    assert model.trainable_weights == []
    model.compile("sgd", "mse")
    before = model.get_weights()
    values = np.ones((2, 4, 8), "float32")
    model.fit(values, np.zeros((2, *model.output_shape[1:])), verbose=0)
    if not item.startswith("Spectral"):  # it changes its kernel in every call of training
        assert all(np.array_equal(*pair) for pair in zip(before, model.get_weights(), strict=True))


def test_attention_that_is_not_trainable_is_not_trained() -> None:
    text = layers("MultiHeadAttention: {num_heads: 1, key_dim: 2, trainable: false}")
    text += "      from: {query: x, value: x}\n"
    assert built(text).trainable_weights == []


def test_keras_is_blamed_at_the_layer_within() -> None:
    # No rule speaks for `ops.copy`, so Keras sees the clash first.
    inner = "ops.copy, {Reshape: [7]}"
    loaded = understood(layers(f"TimeDistributed: {{layer: {{model: {{layers: [{inner}]}}}}}}"))
    with pytest.raises(Refused) as refused:
        build_model(loaded.graph, {}, "m")
    (finding,) = refused.value.findings
    assert finding.message.startswith("Keras refuses the layer `reshape` (Reshape)")
    assert finding.span is not None
    assert finding.span.source.text.splitlines()[3][finding.span.column - 1 :][:7] == "Reshape"


PLUGIN = '''\
import keras


@keras.saving.register_keras_serializable(package="twice")
class Twice(keras.layers.Layer):
    """Applies a layer two times.

    Args:
        layer: a `keras.layers.Layer`.
    """

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer

    def call(self, inputs):
        return self.layer(self.layer(inputs))

    def get_config(self):
        layer = keras.saving.serialize_keras_object(self.layer)
        return {**super().get_config(), "layer": layer}
'''


@pytest.mark.parametrize("inputs", ["inputs: {a: {shape: [4, 8]}}, ", ""])
def test_a_model_inside_a_layer_of_a_plugin_tells_its_inputs(inputs: str, tmp_path: Path) -> None:
    (tmp_path / "twice.py").write_text(PLUGIN, encoding="utf-8")
    path = tmp_path / "spec.yaml"
    model = f"{{model: {{{inputs}layers: [{{Dense: 8}}, ReLU]}}}}"
    path.write_text("plugins: twice.py\n" + layers(f"Twice: {{layer: {model}}}"), encoding="utf-8")
    findings = Findings()
    token = TRUSTED.set(run_plugins)
    try:
        loaded = load(str(path), (), findings)
    finally:
        TRUSTED.reset(token)
    assert loaded, render(findings)
    if inputs:
        assert build_model(loaded.graph, {}, "m").count_params() == 72
        return
    with pytest.raises(Refused) as refused:
        build_model(loaded.graph, {}, "m")
    (finding,) = refused.value.findings
    assert finding.hint == "declare it: `model: {inputs: {x: {shape: [...]}}, layers: [...]}`"
