"""A wired graph becomes the functional model that it describes."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from modelforge.build import build_model, compile_model, precision
from modelforge.data.bundle import Tensor
from modelforge.document import parse
from modelforge.findings import Findings, Refused, Source
from modelforge.graph import Loaded, understand

IMAGE = {"image": Tensor((8, 8, 1), "float32")}

TWO_INPUTS = """\
modelforge: 1
name: two-inputs
model:
  inputs:
    left: {shape: [4]}
    right: {shape: [4], dtype: float32}
  layers:
    - Dense: 3
      name: a
      from: left
    - Dense: 3
      name: b
      from: right
    - Concatenate:
      name: both
      from: [a, b]
    - Dense: 2
      name: out
  outputs: [out, both]
"""


def _load(text: str) -> Loaded:
    findings = Findings()
    document = parse(Source("spec.yaml", text), findings)
    loaded = understand(document, (), findings) if document else None
    assert loaded is not None, list(findings)
    return loaded


def _layers(*layers: str) -> Loaded:
    items = "".join(f"    - {layer}\n" for layer in layers)
    return _load(f"modelforge: 1\nname: test\nmodel:\n  layers:\n{items}")


def test_several_inputs_and_outputs() -> None:
    model = build_model(_load(TWO_INPUTS).graph, {}, "two-inputs")
    assert model.name == "two-inputs"
    assert model.output_names == ["out", "both"]
    ones = {"left": np.ones((5, 4), "float32"), "right": np.ones((5, 4), "float32")}
    out, both = model.predict(ones, verbose=0)
    assert out.shape == (5, 2)
    assert both.shape == (5, 6)


def test_the_data_tells_the_input() -> None:
    model = build_model(_layers("Flatten", "Dense: 3").graph, IMAGE, "m")
    assert model.input_shape == (None, 8, 8, 1)
    assert [layer.name for layer in model.layers] == ["image", "flatten", "dense"]


def test_call_arguments_by_name() -> None:
    text = (
        "modelforge: 1\nname: m\nmodel:\n  inputs: {x: {shape: [6, 8]}}\n  layers:\n"
        "    - Dense: 8\n      name: q\n"
        "    - MultiHeadAttention: {num_heads: 2, key_dim: 4}\n"
        "      from: {query: q, value: x}\n      call: {use_causal_mask: true}\n"
    )
    model = build_model(_load(text).graph, {}, "m")
    values = np.random.default_rng(0).normal(size=(1, 6, 8)).astype("float32")
    before = model.predict(values, verbose=0)
    values[0, -1] += 1  # causal: a change of the last step leaves the others as they were
    after = model.predict(values, verbose=0)
    assert np.allclose(before[0, :-1], after[0, :-1], atol=1e-6)
    assert not np.allclose(before[0, -1], after[0, -1], atol=1e-6)


def test_without_data_and_inputs_nothing_tells_the_shape() -> None:
    with pytest.raises(Refused, match="nothing tells the shape"):
        build_model(_layers("Dense: 3").graph, {}, "m")


def test_several_inputs_of_the_data_must_be_declared() -> None:
    several = {"age": Tensor((1,), "float32"), "fare": Tensor((1,), "float32")}
    with pytest.raises(Refused) as refused:
        build_model(_layers("Dense: 3").graph, several, "m")
    assert refused.value.findings[0].notes == ("declare them under `model.inputs`: age, fare",)


def test_an_error_of_keras_names_the_layer_and_the_shapes() -> None:
    with pytest.raises(Refused) as refused:
        build_model(_layers("Conv2D: {filters: 2, kernel_size: 9}").graph, IMAGE, "m")
    (finding,) = refused.value.findings
    assert finding.message.startswith(
        "Keras refuses the layer `conv2d` (Conv2D): Computed output size would be zero or negative"
    )
    assert finding.notes == ("input shape: (None, 8, 8, 1)",)
    assert finding.span is not None and finding.span.line == 5


def test_a_policy_holds_inside_only() -> None:
    with precision("mixed_bfloat16"):
        model = build_model(_layers("Flatten", "Dense: 3").graph, IMAGE, "m")
    assert model.layers[-1].compute_dtype == "bfloat16"
    assert model.layers[-1].variable_dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"


def test_one_list_of_metrics_is_for_every_output() -> None:
    train = (
        "train:\n  loss: MeanSquaredError\n"
        "  metrics: [MeanAbsoluteError, RootMeanSquaredError]\n  epochs: 1\n"
    )
    loaded = _load(TWO_INPUTS + train)
    model = build_model(loaded.graph, {}, "m")
    assert loaded.spec.train is not None
    compile_model(model, loaded.spec.train, loaded.graph.outputs)
    ones = {"left": np.ones((4, 4)), "right": np.ones((4, 4))}
    values = model.evaluate(ones, (np.ones((4, 2)), np.ones((4, 6))), return_dict=True, verbose=0)
    assert {"out_mean_absolute_error", "both_root_mean_squared_error"} <= set(values)
