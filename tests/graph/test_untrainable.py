"""Specs that Keras 3.15.1 builds and cannot train or run: `validate` tells, at the right place."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelforge.findings import Findings, ModelForgeError
from modelforge.graph import Loaded, foresee, load
from modelforge.runs import RunFolder
from modelforge.train import train
from modelforge.train.prepare import prepare

ROWS = "{Reshape: {target_shape: [13, 1]}}"
PICTURE = "{Dense: 75}, {Reshape: {target_shape: [5, 5, 3]}}, %s, Flatten"
CROP = "{RandomCrop: {height: 3, width: 3}}"
PENALIZED = "{Dense: {units: 4, kernel_regularizer: L2%s}}"
ACTIVE = "{Dense: {units: 4, activity_regularizer: L2%s}}"
TOP_K = ", metrics: [SparseTopKCategoricalAccuracy]"
MIXED = ", precision: mixed_bfloat16"
DOUBLE = ", precision: float64"
NUMBERS = "{Dense: 2}, {ops.cast: int32}, "
EINSUM = "{EinsumDense: {equation: 'abc,cd->abd', output_shape: [null, 4]}}"

# The layers, what `train` has beside the loss, the text at which the finding stands, what it
# says.
REFUSED = {
    "cropped in training only": (
        PICTURE % CROP,
        "",
        "Dense: {units: 3",
        "`dense_1` (Dense) does not fit what it is called on when it runs: it is made for (None, "
        "27)",
    ),
    "made larger in training only": (
        PICTURE % "{RandomCrop: {height: 7, width: 7}}",
        "",
        "Dense: {units: 3",
        "it is made for (None, 147)",
    ),
    "cropped within a pipeline": (
        PICTURE % f"{{Pipeline: {{layers: [{CROP}]}}}}", "", "Dense: {units: 3", "for (None, 27)"
    ),
    "cropped within a model": (
        PICTURE % f"{{model: {{layers: [{CROP}]}}}}", "", "Dense: {units: 3", "for (None, 27)"
    ),
    "cropped before what must be alike": (
        "{Dense: 75}, {Reshape: {target_shape: [5, 5, 3]}}, "
        f"{{parallel: [[{CROP}], [{{CenterCrop: {{height: 3, width: 3}}}}]], merge: Add}}, Flatten",
        "",
        "Add",
        "(Add) does not fit what it is called on",
    ),
    "pooled to 1": (
        f"{ROWS}, {{AdaptiveMaxPooling1D: 1}}, Flatten", "", "AdaptiveMax", "and not 13 to 1"
    ),
    "pooled to 1 on average": (
        f"{ROWS}, {{AdaptiveAveragePooling1D: 1}}, Flatten", "", "AdaptiveAv", "and not 13 to 1"
    ),
    "pooled to 1 along an axis": (
        "{Dense: 12}, {Reshape: {target_shape: [4, 3, 1]}}, {AdaptiveMaxPooling2D: [2, 1]}, "
        "Flatten", "", "AdaptiveMax", "and not 3 to 1"
    ),
    "pooled from 1": (
        "{Reshape: {target_shape: [1, 13]}}, {AdaptiveMaxPooling1D: 2}, Flatten", "",
        "AdaptiveMax", "and not 1 to 2",
    ),
    "pooled to 1 at each step": (
        "{Reshape: {target_shape: [1, 13, 1]}}, "
        "{TimeDistributed: {layer: {AdaptiveMaxPooling1D: 1}}}, Flatten",
        "", "TimeDistributed", "and not 13 to 1",
    ),
    "sizes that are told too late": (
        f"{ROWS}, {{parallel: [[], [{EINSUM}, {{ZeroPadding1D: 1}}]], merge: Concatenate}}, "
        "GlobalMaxPooling1D",
        "", "Concatenate", "axis 1 is 13 and 15",
    ),
    "one-hot hashes of several": (
        NUMBERS + "{Hashing: {num_bins: 5, output_mode: one_hot}}, Flatten", "",
        "Dense: {units: 3", "it is made for (None, 5)",
    ),
    "penalties in bfloat16": (
        PENALIZED % "", ", precision: bfloat16", "kernel_reg", "the penalty `kernel_regularizer`"
    ),
    "penalties in float64": (PENALIZED % "", DOUBLE, "kernel_reg", "3.15.1 cannot add it to the"),
    "penalty of a layer with a dtype": (
        PENALIZED % ", dtype: bfloat16", "", "kernel_reg", "`Dense`: the penalty `kernel_"
    ),
    "penalty within a layer with another dtype": (
        f"{ROWS}, {{TimeDistributed: {{layer: {PENALIZED % ''}, dtype: float32}}}}, Flatten",
        DOUBLE, "kernel_reg", "is float64",
    ),
    "penalty of a cell": (
        ROWS + ", {RNN: {cell: {GRUCell: {units: 4, recurrent_regularizer: L1}}}}",
        DOUBLE, "recurrent_reg", "`GRUCell`: the penalty `recurrent_regularizer` is float64",
    ),
    "penalty within a model": (
        f"{{model: {{layers: [{PENALIZED % ''}]}}}}", DOUBLE, "kernel_reg", "is float64"
    ),
    "penalty on weights that one phase trains": (
        PENALIZED % "", f"{DOUBLE}, phases: [{{name: head, freeze: dense}}, {{name: all}}]",
        "kernel_reg", "is float64",
    ),
    "orthogonal kernels of a convolution": (
        "{Reshape: {target_shape: [13, 1]}}, {Conv1D: {filters: 4, kernel_size: 2, "
        "kernel_regularizer: OrthogonalRegularizer}}, Flatten",
        "", "kernel_reg", "`OrthogonalRegularizer` takes a matrix, and is to take weights of more",
    ),
    "orthogonal kernels of attention": (
        "{Reshape: {target_shape: [13, 1]}, name: rows}, {MultiHeadAttention: {num_heads: 1, "
        "key_dim: 2, kernel_regularizer: OrthogonalRegularizer}, from: [rows, rows]}, Flatten",
        "", "kernel_reg", "of more axes (`kernel_regularizer`)",
    ),
    "an orthogonal bias": (
        "{Dense: {units: 4, bias_regularizer: OrthogonalRegularizer}}",
        "", "bias_reg", "of one axis (`bias_regularizer`)",
    ),
    "an embedding smaller than the ranges": (
        "{Discretization: {bin_boundaries: [0.0, 1.0, 2.0]}}, {Reshape: {target_shape: [13, 1]}}, "
        "{Embedding: {input_dim: 3, output_dim: 2}}, Flatten",
        "", "input_dim", "`embedding` (Embedding) has 3 rows, but `discretization` ("
        "Discretization) gives 4 numbers",
    ),
    "an embedding smaller than the vocabulary": (
        "{Rescaling: {scale: 0.0, offset: 7}}, {ops.cast: int32}, {IntegerLookup: {vocabulary: "
        "[5, 6, 7]}}, {Embedding: {input_dim: 3, output_dim: 2}}, Flatten",
        "", "input_dim", "has 3 rows, but `integer_lookup` (IntegerLookup) gives 4 numbers",
    ),
    "penalty on what a layer gives": (
        ACTIVE % "", MIXED, "activity_reg", "the penalty `activity_regularizer` is bfloat16"
    ),
    "penalty on what a model's layer gives": (
        f"{{model: {{layers: [{ACTIVE % ''}]}}}}", MIXED, "activity_reg", "is bfloat16, as what the"
    ),
    "penalty of the layer that is one": (
        "{Dense: 4}, {ActivityRegularization: {l1: 0.1}}", MIXED, "ActivityReg", "its penalty is"
    ),
    "top k in bfloat16": (
        "{Dense: 4}", MIXED + TOP_K, "SparseTopK",
        "`SparseTopKCategoricalAccuracy` takes float32, but the output `dense_1` is bfloat16",
    ),
    "top k in float64": ("{Dense: 4}", DOUBLE + TOP_K, "SparseTopK", "`dense_1` is float64"),
}  # fmt: skip
# Keras refuses these when it builds the model already, or against_keras.py holds the rule to it.
REFUSED_BEFORE = {
    "a picture of another size than the weights of the application's head": (
        "{Dense: 192}, {Reshape: {target_shape: [8, 8, 3]}}, {Resizing: {height: 40, width: 40}}, "
        "{VGG16: {}}",
        "", "VGG16", "its head has weights for images of 224 pixels",
    ),
    "counts in bfloat16": (
        NUMBERS + "{CategoryEncoding: {num_tokens: 5}}", ", precision: bfloat16",
        "CategoryEncoding", "counts in bfloat16, in which TensorFlow counts nothing",
    ),
    "counts of ranges in bfloat16": (
        "{Dense: 2}, {Discretization: {bin_boundaries: [0.0], output_mode: count}}, Flatten", MIXED,
        "Discretization", "counts in bfloat16",
    ),
}  # fmt: skip
TRAINED = {
    "cropped, and the size does not matter": (
        PICTURE.replace("Flatten", "GlobalAveragePooling2D") % CROP, ""
    ),
    "cropped always": (PICTURE % f"{CROP}, {{CenterCrop: {{height: 3, width: 3}}}}", ""),
    "cropped to its own size": (PICTURE % "{RandomCrop: {height: 5, width: 5}}", ""),
    "cropped as in training": (
        PICTURE % "{RandomCrop: {height: 3, width: 3}, call: {training: true}}", ""
    ),
    "never cropped": (
        PICTURE % "{RandomCrop: {height: 3, width: 3}, call: {training: false}}", ""
    ),
    "cropped always within a model": (
        PICTURE % f"{{model: {{layers: [{CROP}]}}, call: {{training: true}}}}", ""
    ),
    "pooled to 2 and more": (
        "{Dense: 12}, {Reshape: {target_shape: [4, 3, 1]}}, {AdaptiveMaxPooling2D: [3, 2]}, "
        "Flatten", "",
    ),
    "pooled to more": (
        "{Dense: 2}, {Reshape: {target_shape: [2, 1]}}, {AdaptiveMaxPooling1D: 3}, Flatten", ""
    ),
    "penalties where weights are float32": (PENALIZED % "", MIXED),
    "penalty of a layer that is float32": (PENALIZED % ", dtype: float32", DOUBLE),
    "penalty of a layer that is mixed": (PENALIZED % ", dtype: mixed_float16", DOUBLE),
    "penalty on weights that stay": (PENALIZED % ", trainable: false", DOUBLE),
    "penalty on weights that are frozen": (PENALIZED % "", f"{DOUBLE}, freeze: dense"),
    "penalty on weights that are not there": (
        "{Dense: {units: 4, use_bias: false, bias_regularizer: L2}}, "
        "{BatchNormalization: {scale: false, gamma_regularizer: L2}}", DOUBLE,
    ),
    "penalty on a bias that no axis has": (
        "{EinsumDense: {equation: 'ab,bc->ac', output_shape: 4, bias_regularizer: L2}}", DOUBLE
    ),
    "an embedding as large as the vocabulary": (
        "{Rescaling: {scale: 0.0, offset: 7}}, {ops.cast: int32}, {IntegerLookup: {vocabulary: "
        "[5, 6, 7]}}, {Embedding: {input_dim: 4, output_dim: 2}}, Flatten", "",
    ),
    "an embedding as large as the hashes": (
        NUMBERS + "{Hashing: {num_bins: 5}}, {Embedding: {input_dim: 5, output_dim: 2}}, Flatten",
        "",
    ),
    "an embedding as large as the bins": (
        "{Discretization: {bin_boundaries: [0.0, 1.0]}}, {Embedding: {input_dim: 3, output_dim: "
        "2}}, Flatten", "",
    ),
    "an orthogonal kernel": ("{Dense: {units: 4, kernel_regularizer: OrthogonalRegularizer}}", ""),
    "penalty on float32 outputs": (ACTIVE % ", dtype: float32", MIXED),
    "top k of float32": ("{Dense: 4}, {Dense: {units: 3, dtype: float32}}", MIXED + TOP_K),
}  # fmt: skip


def written(layers: str, more: str, folder: Path) -> Path:
    head = "" if TOP_K in more and "dtype" in layers else ", {Dense: {units: 3}}"
    path = folder / "spec.yaml"
    path.write_text(
        f"data: {{train: Wine, batch_size: 16, validation: 0.2}}\nmodel:\n  layers: "
        f"[{layers}{head}]\n"
        f"train: {{loss: {{SparseCategoricalCrossentropy: {{from_logits: true}}}}{more}}}\n",
        encoding="utf-8",
    )
    return path


def trained(path: Path, folder: Path) -> RunFolder:
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert isinstance(loaded, Loaded), list(findings)
    prepared = prepare(loaded, findings)
    run = RunFolder.create(folder, prepared.spec.name)
    train(prepared, run)
    return run


@pytest.mark.parametrize("name", [*REFUSED, *REFUSED_BEFORE])
def test_validate_tells_at_its_place(name: str, tmp_path: Path) -> None:
    layers, more, place, message = (REFUSED | REFUSED_BEFORE)[name]
    path = written(layers, more, tmp_path)
    findings = Findings()
    load(str(path), (), findings)
    (error,) = findings.errors
    assert message in error.message
    assert error.hint or error.notes
    assert error.span is not None
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[error.span.line - 1][error.span.column - 1 :].startswith(place)


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_keras_cannot_train_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the rules say of Keras 3.15.1 is so: a version that can do it turns this red."""
    for rule in ("check_running", "check_penalties", "check_ranked", "check_categories"):
        monkeypatch.setattr(foresee, rule, lambda *arguments: None)
    layers, more, _, _ = REFUSED[name]
    path = written(layers, more, tmp_path)
    with pytest.raises(ModelForgeError) as refused:
        trained(path, tmp_path / "runs")
    assert "Keras refuses" in str(refused.value) or "a training step failed" in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINED)
def test_what_is_not_refused_trains(name: str, tmp_path: Path) -> None:
    layers, more = TRAINED[name]
    run = trained(written(layers, more, tmp_path), tmp_path / "runs")
    assert run.final.exists()
