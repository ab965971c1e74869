"""Arguments that do not go together: what is refused here is what Keras's constructors refuse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelforge.build.objects import make
from modelforge.catalog import Catalog, load_catalog
from modelforge.document import parse
from modelforge.findings import Finding, Findings, Refused, Source
from modelforge.graph import Graph, Node
from modelforge.graph.constructors import check_constructors
from modelforge.graph.constructors.layers import LAYERS
from modelforge.graph.constructors.training import TRAINING
from modelforge.schema import check
from modelforge.spec import Object, Spec, read_spec

# fmt: off
REFUSED = """
layer GroupQueryAttention: {head_dim: 4, num_query_heads: 3, num_key_value_heads: 2}
layer MultiHeadAttention: {num_heads: 2, key_dim: 4, flash_attention: true, dropout: 0.5}
layer Conv2D: {filters: 4, kernel_size: 3, groups: 3}
layer Conv2D: {filters: 4, kernel_size: 3, strides: 2, dilation_rate: 2}
layer Conv2DTranspose: {filters: 4, kernel_size: 3, strides: 2, dilation_rate: 2}
layer Conv2DTranspose: {filters: 4, kernel_size: 3, strides: 2, output_padding: 2}
layer Conv2DTranspose: {filters: 4, kernel_size: 3, strides: [2, 3], output_padding: [1, 3]}
layer ConvLSTM2D: {filters: 4, kernel_size: 3, strides: 2, dilation_rate: 2}
layer Dot: {axes: [1, 2, 3]}
layer Dot: {axes: [1]}
layer BatchNormalization: {renorm: true, renorm_clipping: {rmax: 1, rmin: 2}}
layer BatchNormalization: {renorm: true, renorm_clipping: {foo: 1}}
layer BatchNormalization: {renorm: true, renorm_clipping: {dmax: -1}}
layer GroupNormalization: {groups: 0}
layer GroupNormalization: {groups: -2}
layer AdaptiveAveragePooling1D: {output_size: [1, 2]}
layer CategoryEncoding: {num_tokens: null}
layer Discretization
layer Discretization: {bin_boundaries: [1.0], num_bins: 3}
layer Discretization: {bin_boundaries: [1.0], sparse: true}
layer Discretization: {num_bins: -1}
layer Hashing: {num_bins: 3, output_mode: int, dtype: float32}
layer Hashing: {num_bins: 3, sparse: true}
layer Hashing: {num_bins: 3, salt: [1]}
layer IntegerLookup: {vocabulary: [1, 2], max_tokens: 1}
layer IntegerLookup: {vocabulary: [1, 2], max_tokens: 2}
layer IntegerLookup: {vocabulary: [1, 2], pad_to_max_tokens: true}
layer IntegerLookup: {vocabulary: [1, 1]}
layer IntegerLookup: {vocabulary: [1, 2], invert: true, output_mode: one_hot}
layer IntegerLookup: {vocabulary: [1, 2], sparse: true}
layer IntegerLookup: {vocabulary: [1, 2], idf_weights: [1.0, 2.0]}
layer IntegerLookup: {vocabulary: [1, 2], output_mode: tf_idf}
layer IntegerLookup: {vocabulary: [1, 2], vocabulary_dtype: int32}
layer StringLookup: {vocabulary: [a, a]}
layer StringLookup: {vocabulary: [a, b], mask_token: a}
layer StringLookup: {vocabulary: [b, a], mask_token: a, output_mode: count}
layer StringLookup: {vocabulary: [a, b, c], mask_token: m, max_tokens: 4}
layer GRU: {units: 3, use_cudnn: foo}
layer Conv3DTranspose: {filters: 2, kernel_size: 3, strides: [1, 2, 3], output_padding: 1}
metric F1Score: {threshold: 1.5}
layer StringLookup: {vocabulary: [a, b], invert: true, output_mode: one_hot}
layer StringLookup: {vocabulary: [a, b], output_mode: tf_idf}
layer StringLookup: {vocabulary: [a, b], output_mode: tf_idf, idf_weights: [1.0]}
layer MelSpectrogram: {fft_length: 8, sequence_length: 16}
layer Normalization: {mean: 1.0}
layer Normalization: {mean: [1.0, 2.0], variance: 1.0}
layer Normalization: {mean: [1.0, 2.0], variance: [1.0, 2.0], axis: null}
layer STFTSpectrogram: {frame_length: 8, frame_step: 9}
layer STFTSpectrogram: {frame_length: 8, fft_length: 4}
layer TextVectorization: {output_mode: count, output_sequence_length: 3}
layer TextVectorization: {ragged: true, output_mode: count}
layer TextVectorization: {vocabulary: [a, a]}
layer TextVectorization: {output_mode: tf_idf, vocabulary: [a]}
layer TextVectorization: {max_tokens: 1, vocabulary: [a]}
layer TextVectorization: {pad_to_max_tokens: true, vocabulary: [a]}
layer TextVectorization: {sparse: true, vocabulary: [a]}
layer RandomPosterization: {factor: 9}
layer Permute: [1, 3]
layer Permute: [0, 1]
layer Permute: [2, 2]
layer Bidirectional: {layer: {Dense: 3}}
layer Bidirectional: {layer: {MaxPooling1D: 2}}
layer Bidirectional: {layer: {TimeDistributed: {layer: {LSTM: 3}}}}
layer Bidirectional: {layer: {LSTM: 3}, backward_layer: {Dense: 3}}
layer Bidirectional: {layer: {LSTM: 3}, backward_layer: {GRU: 3}}
layer Bidirectional: {layer: {LSTM: 3}, backward_layer: {LSTM: 3}}
layer LSTM: {units: 3, use_cudnn: foo}
layer RNN: {cell: {Dense: 3}}
layer StackedRNNCells: {cells: [{LSTMCell: 3}, {Dense: 3}]}
layer Dense: {units: 3, dtype: foo}
layer Reshape: [-1, -1]
layer Reshape: [-2]
loss CategoricalGeneralizedCrossEntropy: {q: 2}
loss MeanSquaredError: {dtype: foo}
metric AUC: {curve: foo}
metric AUC: {num_labels: 3}
metric FBetaScore: {threshold: 2.0}
metric IoU: {num_classes: 2, target_class_ids: [2]}
metric IoU: {num_classes: 2, target_class_ids: []}
metric OneHotIoU: {num_classes: 2, target_class_ids: [3]}
metric BinaryIoU: {target_class_ids: [2]}
optimizer Adam: {clipnorm: 1.0, clipvalue: 1.0}
optimizer Adam: {clipnorm: 1.0, global_clipnorm: 1.0}
optimizer Adam: {gradient_accumulation_steps: 1}
optimizer Adam: {use_ema: true, ema_momentum: 2}
optimizer Adam: {learning_rate: {PiecewiseConstantDecay: {boundaries: [1, 2], values: [0.1, 0.2]}}}
callback ModelCheckpoint: a.foo
callback ModelCheckpoint: {filepath: a.keras, save_weights_only: true}
callback ReduceLROnPlateau: {factor: 1.0}
callback BackupAndRestore: {backup_dir: ""}
callback TensorBoard: {profile_batch: [3, 2]}
loss SparseCategoricalCrossentropy: {label_smoothing: 0.1, ignore_class: 0}
"""
MADE = """
layer MultiHeadAttention: {num_heads: 2, key_dim: 4, attention_axes: 1}
layer Conv1D: {filters: 4, kernel_size: 3, padding: causal, data_format: channels_first}
layer DepthwiseConv2D: {kernel_size: 3, strides: 2, dilation_rate: 2}
layer SeparableConv2D: {filters: 3, kernel_size: 3, strides: 2, dilation_rate: 2}
layer SeparableConv2D: {filters: 3, kernel_size: 3, strides: [1, 2]}
layer StringLookup: {vocabulary: [a, b, c], max_tokens: 4}
layer StringLookup: {vocabulary: [a, b, c], mask_token: m, max_tokens: 5}
layer StringLookup: {vocabulary: [m, "[UNK]", c], mask_token: m, max_tokens: 3}
layer StringLookup: {vocabulary: [a, b, c], mask_token: m, max_tokens: 4, output_mode: count}
layer StringLookup: {vocabulary: [a, b], num_oov_indices: 0, output_mode: one_hot}
layer MelSpectrogram: {min_freq: 200, max_freq: 100}
layer Normalization: {mean: 1.0, variance: 2.0, axis: [1, 1]}
layer TextVectorization: {ngrams: [1, 2]}
layer HashedCrossing: {num_bins: 3, sparse: true}
layer RandomZoom: {height_factor: [0.3, 0.2]}
layer RandomSaturation: {factor: -1}
layer MixUp: {alpha: -1}
layer AugMix: {num_chains: 0}
layer Resizing: {height: 3, width: 3, crop_to_aspect_ratio: true, pad_to_aspect_ratio: true}
layer Dropout: {rate: 0.5, noise_shape: [1, 2]}
layer UpSampling2D: {interpolation: bicubic}
layer Bidirectional: {layer: {LSTM: 3}, backward_layer: {LSTM: {units: 3, go_backwards: true}}}
layer Bidirectional: {layer: {ConvLSTM1D: {filters: 3, kernel_size: 3}}}
layer RNN: {cell: {StackedRNNCells: {cells: [{LSTMCell: 3}, {GRUCell: 3}]}}}
layer LSTM: {units: 3, dropout: 2}
layer StackedRNNCells: {cells: []}
layer TimeDistributed: {layer: {Dense: 3}}
layer Embedding: {input_dim: 3, output_dim: 3, lora_rank: 0}
layer Dense: {units: 3, lora_rank: 0}
layer EinsumDense: {equation: foo, output_shape: 3}
layer EinsumDense: {equation: "ab,bc->ac", output_shape: 3, bias_axes: z}
layer LayerNormalization: {axis: []}
layer Masking
layer Dense: {units: 3, dtype: int32}
layer Dense: {units: 3, dtype: string}
layer Dense: {units: 3, kernel_initializer: {Orthogonal: {gain: -1}}}
layer Dense: {units: 3, kernel_initializer: Identity}
layer Dense: {units: 3, kernel_constraint: {MinMaxNorm: {min_value: 3, max_value: 1}}}
layer Softmax: {axis: []}
loss Huber: {delta: -1}
loss CategoricalCrossentropy: {label_smoothing: 2}
loss BinaryCrossentropy: {label_smoothing: 2}
loss Tversky: {alpha: -1}
loss Circle: {gamma: -1}
metric AUC: {num_labels: 3, multi_label: true, label_weights: [1.0]}
metric AUC: {thresholds: [2.0]}
metric AUC: {thresholds: [0.5], num_thresholds: 100}
metric Precision: {top_k: 0}
metric TopKCategoricalAccuracy: {k: 0}
optimizer Adam: {use_ema: true, ema_overwrite_frequency: 0}
optimizer Adam: {learning_rate: -1}
optimizer Adam: {learning_rate: {PiecewiseConstantDecay: {boundaries: [1], values: [0.1, 0.2]}}}
optimizer LossScaleOptimizer: {inner_optimizer: Adam, dynamic_growth_steps: 0}
callback EarlyStopping: {patience: -1}
callback TensorBoard: {embeddings_freq: -1}
"""
# fmt: on
WHERE = {
    "layer": "[{}]}}\n",
    "loss": "[Flatten]}}\ntrain: {{loss: {}}}\n",
    "metric": "[Flatten]}}\ntrain: {{loss: MeanSquaredError, metrics: [{}]}}\n",
    "optimizer": "[Flatten]}}\ntrain: {{loss: MeanSquaredError, optimizer: {}}}\n",
    "callback": "[Flatten]}}\ntrain: {{loss: MeanSquaredError, callbacks: [{}]}}\n",
}


def cases(text: str) -> list[str]:
    return text.strip().splitlines()


def read(case: str) -> tuple[Object, list[Finding]]:
    """The object of a case, and what is said of its arguments."""
    kind, _, item = case.partition(" ")
    item = f"{{{item}}}" if ":" in item else item
    text = "model: {inputs: {x: {shape: [3]}}, layers: " + WHERE[kind].format(item)
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    assert root is not None, list(findings)
    catalog = load_catalog()
    assert check(root, catalog, findings), list(findings)
    spec = read_spec(root, catalog)
    first = spec.model.layers[0]
    node = Node("first", first.object, {}, {}, first.span)
    check_constructors(Graph(None, (node,), ("first",), first.span), spec, findings)
    return next(_objects(kind, spec)), list(findings)


def _objects(kind: str, spec: Spec) -> Iterator[Object]:
    train = spec.train
    if train is None:
        yield spec.model.layers[0].object
    elif kind == "loss":
        assert isinstance(train.loss, Object)
        yield train.loss
    elif kind == "metric":
        assert isinstance(train.metrics, tuple)
        yield from train.metrics
    else:
        yield from train.callbacks if kind == "callback" else [train.optimizer]


@pytest.mark.parametrize("case", cases(REFUSED))
def test_what_keras_refuses_is_found(case: str) -> None:
    item, findings = read(case)
    assert {finding.rule for finding in findings} == {"refused-arguments"}
    assert findings[0].span is not None
    with pytest.raises(Refused):
        make(item)


@pytest.mark.parametrize("case", cases(MADE))
def test_what_keras_makes_is_left_alone(case: str) -> None:
    item, findings = read(case)
    assert findings == []
    make(item)


def test_every_rule_has_a_case_and_speaks_of_a_word(catalog: Catalog) -> None:
    spoken = {case.partition(":")[0].split()[1] for case in cases(REFUSED)}
    assert not LAYERS.keys() - catalog.words("layer").keys()
    for kind, name in TRAINING:
        assert name in catalog.words(kind)  # type: ignore[arg-type]
    alike = {"Conv1D", "Conv3D", "Conv1DTranspose", "Conv3DTranspose", "ConvLSTM1D", "ConvLSTM3D"}
    alike |= {"AdaptiveMaxPooling1D", "PiecewiseConstantDecay", "F1Score"}
    assert not LAYERS.keys() - spoken - alike
    assert not {name for _, name in TRAINING} - spoken - alike
