"""Which layers may stand on which shapes, and the arguments that they may be given.

A candidate may still clash (a kernel that is larger than the image): `layers.py` draws again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from modelforge.catalog import load_catalog
from modelforge.graph.shapes import Shape
from tests.generator.draw import Draw
from tests.generator.objects import ACTIVATIONS

Arguments = dict[str, Any]
Maker = Callable[[Draw, Shape], Arguments]

UNITS = (2, 3, 4, 6, 8)
DTYPES = ("float16", "bfloat16", "float32", "float64", "mixed_bfloat16", "mixed_float16")
# Layers that give categories: Keras refuses most dtypes there. A penalty must be float32, and there
# is no Fourier transform of 16 bits.
OF_THEIR_DTYPE = {
    *(
        "ActivityRegularization",
        "STFTSpectrogram",
        "CategoryEncoding",
        "Discretization",
        "HashedCrossing",
        "Hashing",
        "IntegerLookup",
    ),
    *("StringLookup", "TextVectorization"),
}
SEEDS = {"seed": (1, 7)}


def _plain(draw: Draw, shape: Shape, **choices: Any) -> Arguments:
    return draw.some(0.5, **choices)


def plain(**choices: Any) -> Maker:
    """Any of these arguments, or none."""
    return partial(_plain, **choices)


def _several(draw: Draw, count: int, options: tuple[int, ...]) -> Any:
    if draw.chance(0.7):
        return draw.one(options)
    found = [draw.one(options) for _ in range(count)]
    return found if count > 1 else found[0]


def _convolution(draw: Draw, shape: Shape, dimensions: int, kind: str) -> Arguments:
    found: Arguments = {"kernel_size": _several(draw, dimensions, (1, 2, 3))}
    if kind != "depthwise":
        found = {"filters": draw.one(UNITS), **found}
    found |= draw.some(0.5, padding=("same", "valid"), use_bias=(True, False))
    if draw.chance(0.3):
        found["strides"] = _several(draw, dimensions, (1, 2) if kind != "separable" else (2,))
        if kind in ("depthwise", "separable"):
            found["strides"] = draw.one((1, 2))
    elif draw.chance(0.2):
        found["dilation_rate"] = 2 if kind in ("depthwise", "separable") else 1
    if kind in ("depthwise", "separable"):
        found |= draw.some(0.3, depth_multiplier=(1, 2))
    channels = shape[-1] or 1
    if kind == "plain" and channels % 2 == 0 and found["filters"] % 2 == 0:
        found |= draw.some(0.2, groups=(2,))
    if kind == "plain" and dimensions == 1:
        found |= draw.some(0.1, padding=("causal",))
    return found


def _pooling(draw: Draw, shape: Shape, dimensions: int) -> Arguments:
    found = draw.some(0.5, padding=("same", "valid"), strides=(1, 2))
    if draw.chance(0.5):
        found["pool_size"] = _several(draw, dimensions, (1, 2, 3))
    return found


def _pairs(draw: Draw, shape: Shape, dimensions: int, name: str, most: int) -> Arguments:
    if dimensions == 1:
        return {name: draw.one((1, [0, 1], [1, 1]))}
    sizes = [draw.whole(0, most) for _ in range(dimensions)]
    pairs = [[draw.whole(0, most), draw.whole(0, most)] for _ in range(dimensions)]
    return {name: draw.one((draw.whole(0, most), sizes, pairs))}


def _recurrent(draw: Draw, shape: Shape, many: bool | None = None) -> Arguments:
    found: Arguments = {"units": draw.one(UNITS)}
    found |= draw.some(0.3, use_bias=(False,), go_backwards=(True,), dropout=(0.1,), unroll=(True,))
    if shape[1] is None:
        found.pop("unroll", None)
    sequences = draw.chance(0.6) if many is None else many
    return found | ({"return_sequences": True} if sequences else {})


def _cell(draw: Draw) -> list[Any]:
    name = draw.one(("LSTMCell", "GRUCell", "SimpleRNNCell"))
    draw.note(f"layer {name}")
    return [name, "layer", {"units": draw.one(UNITS)}]


def _rnn(draw: Draw, shape: Shape) -> Arguments:
    cell = _cell(draw)
    if draw.chance(0.4):
        draw.note("layer StackedRNNCells")
        cell = ["StackedRNNCells", "layer", {"cells": [cell, _cell(draw)]}]
    return {"cell": cell, **draw.some(0.5, return_sequences=(True, False))}


def _bidirectional(draw: Draw, shape: Shape) -> Arguments:
    name = draw.one(("LSTM", "GRU", "SimpleRNN"))
    inner = [name, "layer", {"units": draw.one(UNITS), "return_sequences": draw.chance(0.6)}]
    return {"layer": inner, **draw.some(0.5, merge_mode=("concat", "sum", "mul", "ave"))}


def _distributed(draw: Draw, shape: Shape) -> Arguments:
    inner = {
        2: (["Dense", "layer", {"units": draw.one(UNITS)}], ["Dropout", "layer", {"rate": 0.2}]),
        3: (["Conv1D", "layer", {"filters": draw.one(UNITS), "kernel_size": 2}],
            ["GlobalMaxPooling1D", "layer", {}], ["Flatten", "layer", {}]),
        4: (["Conv2D", "layer", {"filters": draw.one(UNITS), "kernel_size": 1}],
            ["GlobalAveragePooling2D", "layer", {}]),
    }  # fmt: skip
    return {"layer": draw.one(inner[len(shape) - 1])}


def _reshape(draw: Draw, shape: Shape) -> Arguments:
    sizes = [size or 0 for size in shape[1:]]
    volume = 1
    for size in sizes:
        volume *= size
    targets = [[-1], [1, *sizes], [*sizes, 1], [volume // 2, 2], [-1, 2], [2, volume // 2]]
    return {"target_shape": draw.one(targets)}


def _permute(draw: Draw, shape: Shape) -> Arguments:
    return {"dims": draw.random.sample(range(1, len(shape)), len(shape) - 1)}


def _einsum(draw: Draw, shape: Shape) -> Arguments:
    units = draw.one(UNITS)
    if len(shape) == 2:
        return {"equation": "ab,bc->ac", "output_shape": units, **draw.some(0.5, bias_axes=("c",))}
    if len(shape) == 3:
        # Left open, a size that the input tells could not be held against others.
        return {"equation": "abc,cd->abd", "output_shape": [shape[1], units]}
    return {"equation": "...x,xy->...y", "output_shape": units}


def _spectral(draw: Draw, shape: Shape) -> Arguments:
    if len(shape) == 4 and draw.chance(0.6):
        return {"layer": ["Conv2D", "layer", {"filters": draw.one(UNITS), "kernel_size": 1}]}
    inner = ["Dense", "layer", {"units": draw.one(UNITS)}]
    return {"layer": inner, **draw.some(0.5, power_iterations=(1, 2))}


def _activation(draw: Draw, shape: Shape) -> Arguments:
    name = draw.one(sorted(ACTIVATIONS))
    draw.note(f"activation {name}")
    return {"activation": [name, "activation", draw.some(0.5, **ACTIVATIONS[name])]}


def _pipeline(draw: Draw, shape: Shape) -> Arguments:
    return {"layers": [["Rescaling", "layer", {"scale": 0.5}], ["Dropout", "layer", {"rate": 0.1}]]}


def _vectorized(draw: Draw, shape: Shape) -> Arguments:
    vocabulary = draw.one((["a", "b", "c d"], ["no", "yes"]))
    found = {"vocabulary": vocabulary, "output_mode": draw.one(("multi_hot", "count", "int"))}
    if found["output_mode"] == "int":
        found["output_sequence_length"] = 5
    standardize = ("lower", "strip_punctuation", None)
    return found | draw.some(0.5, split=("whitespace", "character"), standardize=standardize)


def _required(**choices: Any) -> Maker:
    """One value for each of these arguments, all of them given."""
    return lambda draw, shape: {name: draw.one(options) for name, options in choices.items()}


def _both(first: Maker, second: Maker) -> Maker:
    return lambda draw, shape: first(draw, shape) | second(draw, shape)


NORMED = {"scale": (True, False), "center": (True, False), "epsilon": (1e-5, 0.01)}
ANYWHERE: dict[str, Maker] = {
    "Activation": _activation,
    "ActivityRegularization": plain(l1=(0.01,), l2=(0.1,)),
    "AlphaDropout": _required(rate=(0.1, 0.5)),
    "BatchNormalization": plain(**NORMED, momentum=(0.9,)),
    "Dropout": _both(_required(rate=(0, 0.1, 0.5)), plain(**SEEDS)),
    "ELU": plain(alpha=(0.5, 2)),
    "GaussianDropout": _required(rate=(0.1, 0.5)),
    "GaussianNoise": _required(stddev=(0.1, 0.5)),
    "Identity": plain(),
    "LayerNormalization": plain(**NORMED),
    "LeakyReLU": plain(negative_slope=(0.1, 0.2)),
    "Normalization": _required(mean=(0.5,), variance=(2.0,)),
    "PReLU": plain(),
    "RMSNormalization": plain(epsilon=(1e-5,)),
    "ReLU": plain(max_value=(6,), negative_slope=(0.1,), threshold=(0, 0.5)),
    "Rescaling": _both(_required(scale=(0.5, 2)), plain(offset=(0, -1.0))),
    "Softmax": plain(axis=(-1,)),
    "UnitNormalization": plain(axis=(-1,)),
    "GroupNormalization": _both(_required(groups=(1, -1, 2)), plain(**NORMED)),
    "Dense": _both(_required(units=UNITS), plain(use_bias=(True, False))),
    "EinsumDense": _einsum,
    "SpectralNormalization": _spectral,
    "Flatten": plain(),
    "Pipeline": _pipeline,
    "Reshape": _reshape,
    "Permute": _permute,
}  # fmt: skip
SEQUENCES: dict[str, Maker] = {
    "Masking": plain(mask_value=(0, 1.0)),
    "TimeDistributed": _distributed,
}
ROWS: dict[str, Maker] = {
    "LSTM": _recurrent, "GRU": _recurrent, "SimpleRNN": _recurrent, "RNN": _rnn,
    "Bidirectional": _bidirectional, **SEQUENCES,
}  # fmt: skip
IMAGES: dict[str, Maker] = {
    "CenterCrop": _required(height=(2, 3), width=(2, 3)),
    "Resizing": _both(_required(height=(4, 6), width=(4, 5)), plain(interpolation=("nearest",))),
    "RandomFlip": plain(mode=("horizontal", "vertical"), **SEEDS),
    "RandomRotation": _required(factor=(0.1, [-0.1, 0.2])),
    "RandomZoom": _required(height_factor=(0.1, [-0.2, 0.3])),
    "RandomTranslation": _required(height_factor=(0.1,), width_factor=(0.2,)),
    "RandomContrast": _required(factor=(0.2,)),
    "RandomBrightness": _required(factor=(0.2,)),
}
VECTORS: dict[str, Maker] = {"RepeatVector": _required(n=(2, 3))}


def _by_dimensions(dimensions: int) -> dict[str, Maker]:
    """The words that stand on so many dimensions and channels."""
    found: dict[str, Maker] = {}
    part = partial
    if dimensions < 3:
        depthwise = part(_convolution, dimensions=dimensions, kind="depthwise")
        separable = part(_convolution, dimensions=dimensions, kind="separable")
        found |= {
            f"DepthwiseConv{dimensions}D": depthwise,
            f"SeparableConv{dimensions}D": separable,
        }
    for what in ("Max", "Average"):
        found[f"{what}Pooling{dimensions}D"] = part(_pooling, dimensions=dimensions)
        found[f"Global{what}Pooling{dimensions}D"] = plain(keepdims=(True, False))
        found[f"Adaptive{what}Pooling{dimensions}D"] = _required(output_size=(2, 3))
    plain_kind = part(_convolution, dimensions=dimensions, kind="plain")
    transposed = part(_convolution, dimensions=dimensions, kind="transposed")
    return found | {
        f"Conv{dimensions}D": plain_kind,
        f"Conv{dimensions}DTranspose": transposed,
        f"ZeroPadding{dimensions}D": part(_pairs, dimensions=dimensions, name="padding", most=2),
        f"Cropping{dimensions}D": part(_pairs, dimensions=dimensions, name="cropping", most=1),
        f"UpSampling{dimensions}D": _required(size=(1, 2)),
        f"SpatialDropout{dimensions}D": _required(rate=(0.2, 0.5)),
    }


def _conv_lstm(dimensions: int) -> dict[str, Maker]:
    return {f"ConvLSTM{dimensions}D": _both(
        _required(filters=(2, 3), kernel_size=(1, 2)),
        plain(padding=("same", "valid"), return_sequences=(True, False)),
    )}  # fmt: skip


# By the number of axes, the batch axis not counted.
WORDS: dict[int, dict[str, Maker]] = {
    1: {**ANYWHERE, **VECTORS},
    2: {**ANYWHERE, **ROWS, **_by_dimensions(1)},
    3: {**ANYWHERE, **SEQUENCES, **_by_dimensions(2), **IMAGES, **_conv_lstm(1)},
    4: {**ANYWHERE, **SEQUENCES, **_by_dimensions(3), **_conv_lstm(2)},
    5: {**ANYWHERE, **_conv_lstm(3)},
}
PLUGGED: dict[str, Maker] = {"Scaled": plain(initial=(0.5, 2))}
# Those that know whether they train. What an EinsumDense gives, Keras then works out, although its
# `output_shape` leaves it open.
TRAINED = {
    name
    for name in {name for words in WORDS.values() for name in words}
    if name != "EinsumDense"
    and (word := load_catalog().find(name, "layer"))
    and any(option.name == "training" for option in word.options)
}
# What an input of integers or of texts can be turned into numbers with.
ENCODERS: dict[str, dict[str, Maker]] = {
    "ranges": {"Discretization": _required(bin_boundaries=([0.0, 0.5], [-1, 0, 1]))},
    "int32": {
        "Embedding": _both(
            _required(input_dim=(10, 50), output_dim=UNITS), plain(mask_zero=(True, False))
        ),
        "CategoryEncoding": _both(
            _required(num_tokens=(5, 10)), plain(output_mode=("multi_hot", "count"))
        ),
        "IntegerLookup": _required(vocabulary=([1, 2, 3],), output_mode=("multi_hot", "count")),
        "Hashing": _required(num_bins=(5, 9), output_mode=("multi_hot", "count")),
        "ReversibleEmbedding": _required(input_dim=(10,), output_dim=UNITS),
    },
    "string": {
        "StringLookup": _required(vocabulary=(["a", "b"],), output_mode=("multi_hot", "count")),
        "Hashing": _required(num_bins=(5, 9), output_mode=("multi_hot", "count")),
    },
    "text": {
        "TextVectorization": _vectorized,
        "StringLookup": _required(vocabulary=(["a", "b"],), output_mode=("int",)),
    },
    "sound": {
        "MelSpectrogram": _required(
            fft_length=(64,), sequence_stride=(20, 32), num_mel_bins=(6, 8), sampling_rate=(800,)
        ),
    },
    "channels": {
        "STFTSpectrogram": _both(
            _required(frame_length=(16,), frame_step=(8, 16)),
            plain(mode=("log", "magnitude", "stft"), expand_dims=(True,), trainable=(True,)),
        ),
    },
    "crossing": {
        "HashedCrossing": _required(num_bins=(5, 9), output_mode=("one_hot",)),
    },
}
