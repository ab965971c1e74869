"""Grids of layers: every argument that changes a shape, in combination."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from modelforge.catalog import load_catalog
from modelforge.graph.shapes.table import AUGMENTATIONS
from tests.graph.shapes.against_keras import Case, case, layer

FORMATS = (None, "channels_last", "channels_first")
IMAGE = (7, 6, 4)
ROWS = {1: (9, 4), 2: (7, 6, 4), 3: (5, 6, 7, 4)}


def over(word: str, shapes: tuple[Any, ...], **choices: tuple[Any, ...]) -> Iterator[Case]:
    for values in product(*choices.values()):
        arguments = dict(zip(choices, values, strict=True))
        for shape in shapes:
            several = isinstance(shape, list)
            yield case(word, *(shape if several else (shape,)), **arguments)


def convolutions() -> Iterator[Case]:
    for number in (1, 2, 3):
        shapes = (ROWS[number], (4, *ROWS[number][:-1]), (4,) * number, (2,) * (number + 1))
        odd = ((None,) * number + (4,), (None,) * (number + 1), (3,) * (number + 2))
        common: dict[str, Any] = {"filters": (4,), "kernel_size": (1, 3)}
        common |= {"strides": (1, 2), "padding": ("valid", "same")}
        formats = {"data_format": FORMATS[1:]}
        yield from over(
            f"Conv{number}D", (*shapes, *odd), **common, **formats, dilation_rate=(1, 3)
        )
        yield from over(f"Conv{number}D", shapes[:1], **common, groups=(2, 3), use_bias=(False,))
        more = {"output_padding": (None, 0, 1)}
        transposed = f"Conv{number}DTranspose"
        yield from over(transposed, shapes, **common, **formats, **more, use_bias=(True, False))
        yield from over(transposed, odd, **common, dilation_rate=(1, 2))
    for number in (1, 2):
        shapes = (ROWS[number], (4, *ROWS[number][:-1]), (4,) * number, (None,) * (number + 1))
        common = {"kernel_size": (1, 3), "strides": (1, 2), "padding": ("valid", "same")}
        common |= {"data_format": FORMATS[1:], "dilation_rate": (1, 2), "depth_multiplier": (1, 3)}
        yield from over(f"DepthwiseConv{number}D", shapes, **common, use_bias=(True, False))
        yield from over(f"SeparableConv{number}D", shapes, **common, filters=(5,))
    yield from over("Conv1D", ((9, 4), (2, 4)), filters=(2,), kernel_size=(3,), padding=("causal",))
    yield from over(
        "Conv2D", (IMAGE,), filters=(3,), kernel_size=((2, 3), (8, 1)), strides=((2, 1),)
    )


def pooling() -> Iterator[Case]:
    for number in (1, 2, 3):
        shapes = (ROWS[number], (4,) * number, (1,) * (number + 1), (None,) * (number + 1))
        for what in ("Max", "Average"):
            yield from over(
                f"{what}Pooling{number}D",
                (*shapes, (3,) * (number + 2)),
                pool_size=(1, 2, 3),
                strides=(None, 1, 2, 3),
                padding=("valid", "same"),
                data_format=FORMATS[1:],
            )
            name = f"Global{what}Pooling{number}D"
            yield from over(name, shapes, data_format=FORMATS, keepdims=(True, False))
            name = f"Adaptive{what}Pooling{number}D"
            good = (ROWS[number], (None,) * (number + 1))
            yield from over(name, good, output_size=(1, 3, (2,) * number), data_format=FORMATS)


def matrices() -> Iterator[Case]:
    shapes = ((5,), (3, 5), (None, 5), (5, None), (), (2, 3, 4))
    yield from over("Dense", shapes, units=(1, 7), use_bias=(True, False))
    yield from over("Dense", shapes, units=(3,), trainable=(False,))
    yield from over("Embedding", shapes, input_dim=(11,), output_dim=(3,))
    for equation, size, bias in (
        ("ab,bc->ac", 7, "c"),
        ("abc,cd->abd", (None, 7), "d"),
        ("abc,cd->abd", (3, 7), None),
        ("...x,xy->...y", 7, "y"),
        ("ab...,bc->ac...", 7, None),
        ("abc,cde->abde", (None, 2, 3), "de"),
        ("abcd,cde->abe", (None, 7), "e"),
    ):
        for shape in ((5,), (3, 5), (None, 5), (3, 4, 5)):
            yield case("EinsumDense", shape, equation=equation, output_shape=size, bias_axes=bias)


def reshaping() -> Iterator[Case]:
    shapes = ((6,), (3, 4), (2, 3, 4), (None, 4), (), (None, None, 2))
    yield from over("Flatten", shapes, data_format=FORMATS)
    targets = ((6,), (2, 3), (-1,), (-1, 4), (4, -1), (3, 2, 2), (24,), (1, 1, 6), (-1, 5))
    yield from over("Reshape", shapes, target_shape=targets)
    yield from over("Permute", shapes, dims=((1,), (2, 1), (1, 2), (3, 1, 2)))
    yield from over("RepeatVector", shapes, n=(1, 5))


def borders() -> Iterator[Case]:
    for number in (1, 2, 3):
        shapes = (ROWS[number], (None,) * (number + 1), (2,) * number, (1,) * (number + 2))
        pairs = ((1, 2), *(((1, 2),) * number,) * (number > 1))
        per = ((2,) * number,) if number > 1 else ()
        formats = {"data_format": FORMATS}
        yield from over(
            f"ZeroPadding{number}D", shapes, padding=(0, 2, *pairs[-1:], *per), **formats
        )
        wanted = {} if number == 1 else formats
        yield from over(
            f"Cropping{number}D", shapes, cropping=(0, 1, 3, *pairs[-1:], *per), **wanted
        )
        yield from over(f"UpSampling{number}D", shapes, size=(1, 3, *per), **wanted)


def recurrent() -> Iterator[Case]:
    shapes = ((5, 3), (None, 3), (5, None), (3,), (4, 5, 3))
    flags = {"return_sequences": (True, False), "return_state": (True, False)}
    for word in ("SimpleRNN", "GRU", "LSTM"):
        yield from over(word, shapes, units=(4,), use_bias=(True, False), **flags)
        yield from over(word, shapes[:1], units=(4,), stateful=(True, False), go_backwards=(True,))
        for back, state in product((True, False), repeat=2):
            inner = layer(word, {"units": 4, "return_sequences": back, "return_state": state})
            modes = ("concat", "sum", "mul", "ave", None)
            yield from over("Bidirectional", shapes, layer=(inner,), merge_mode=modes)
        cells = [layer(f"{word}Cell", {"units": units}) for units in (4, 2)]
        stacked = layer("StackedRNNCells", {"cells": tuple(cells)})
        yield from over(
            "RNN",
            shapes[:3],
            cell=(cells[0], tuple(cells), stacked),
            return_sequences=(True, False),
        )
    yield from over("GRU", shapes, units=(4,), reset_after=(True, False), use_bias=(True, False))


def recurrent_convolutions() -> Iterator[Case]:
    for number in (1, 2, 3):
        shapes = ((3, *ROWS[number]), (None, *ROWS[number]), ROWS[number], (3, 4, *ROWS[number]))
        odd = (
            (3, None, *ROWS[number][1:]),
            (3, *ROWS[number][:-1], None),
            (3, *(2,) * (number + 1)),
        )
        flags = {"return_sequences": (True, False), "return_state": (True, False)}
        common: dict[str, Any] = {
            "filters": (2,),
            "kernel_size": (3,),
            "padding": ("valid", "same"),
        }
        name = f"ConvLSTM{number}D"
        yield from over(name, (*shapes, *odd), **common, data_format=FORMATS[1:], **flags)
        yield from over(name, shapes, **common, strides=(1, 2), use_bias=(True, False))
        yield from over(name, shapes, **common, dilation_rate=(2,))


def wrapped() -> Iterator[Case]:
    shapes = ((5, 3), (None, 3), (6, 7, 6, 4), (6,), (None, 7, 6, 4))
    inner = (
        layer("Dense", {"units": 3}),
        layer("Dense", {"units": 3, "trainable": False}),
        layer("Conv2D", {"filters": 2, "kernel_size": 3}),
        layer("Conv2D", {"filters": 2, "kernel_size": 9}),
        layer("Flatten", {}),
        layer("Dropout", {"rate": 0.5}),
        layer("MaxPooling2D", {}),
        layer("BatchNormalization", {}),
        layer("LSTM", {"units": 3}),
    )
    yield from over("TimeDistributed", shapes, layer=inner)
    yield from over("TimeDistributed", shapes, layer=inner[:1], trainable=(False,))
    yield from over("SpectralNormalization", shapes, layer=inner[:4])
    yield case(
        "SpectralNormalization", (4,), layer=layer("Embedding", {"input_dim": 5, "output_dim": 2})
    )


def normalization() -> Iterator[Case]:
    shapes = ((6,), (5, 6), (4, 5, 6), (None, 6), (6, None), ())
    flags = {"scale": (True, False), "center": (True, False)}
    yield from over("BatchNormalization", shapes, axis=(-1, 1, 2, 3), **flags, renorm=(True, False))
    yield from over("BatchNormalization", shapes, trainable=(False,))
    yield from over("LayerNormalization", shapes, axis=(-1, 1, 3, (1, 2), (-2, -1)), **flags)
    yield from over(
        "GroupNormalization", shapes, groups=(-1, 1, 2, 3, 4, 32), axis=(-1, 1), **flags
    )
    yield from over("RMSNormalization", shapes, axis=(-1, 1, 3, (1, 2)))
    yield from over("UnitNormalization", shapes, axis=(-1, 1, 3, (1, 2)))
    yield from over("Normalization", shapes, axis=(-1, 1, 2, None, (1, 2)))
    yield from over("Normalization", ((6,), (5, 6)), mean=(0.5,), variance=(2.0,))


def merging() -> Iterator[Case]:
    sizes = ((), (1,), (4,), (3, 4), (3, 1), (None, 4), (2, 3, 4), (3, None))
    pairs = tuple([a, b] for a in sizes for b in sizes)
    yield from over("Add", (*pairs, [(4,)], [(4,), (1,), (4,)], [(3, 4), (4,), (5,)]))
    for word in ("Multiply", "Average", "Maximum", "Minimum", "Subtract"):
        yield from over(word, (*pairs[::7], [(4,)], [(4,), (4,), (4,)]))
    yield from over("Concatenate", (*pairs, [(4,)], [(4,), (1,), (4,)]), axis=(-1, 1, 2, 3, -2, 0))
    yield from over("Dot", pairs, axes=(-1, 1, 2, (1, 2), (2, 1), (-1, 1)))
    yield from over("Dot", ([(4,)], [(4,), (4,), (4,)]), axes=(1,))


def attention() -> Iterator[Case]:
    threes = ([(5, 4), (6, 4)], [(5, 4), (6, 4), (6, 4)], [(None, 4), (6, 3)], [(5, 4)])
    threes = (*threes, [(5, None), (6, 4)], [(5, 4)] * 4)
    for word in ("Attention", "AdditiveAttention"):
        yield from over(word, threes, use_scale=(True, False))
        for scores in (True, False):
            options = {"return_attention_scores": scores}
            yield Case(word, {}, ((5, 4), (6, 4)), options=options)
    yield from over("Attention", threes, score_mode=("concat",), use_scale=(True, False))
    yield from heads("MultiHeadAttention", {"num_heads": 3, "key_dim": 2})
    yield from heads("MultiHeadAttention", {"num_heads": 3, "key_dim": 2, "value_dim": 5})
    yield from heads("MultiHeadAttention", {"num_heads": 1, "key_dim": 2, "output_shape": 7})
    yield from heads("MultiHeadAttention", {"num_heads": 1, "key_dim": 2, "output_shape": (7, 2)})
    grouped = {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2}
    yield from heads("GroupQueryAttention", grouped)


def heads(word: str, arguments: dict[str, Any]) -> Iterator[Case]:
    query = (5, 4)
    names = ("query", "value", "key")
    for flags in (
        {},
        {"use_bias": False},
        {"use_gate": True},
        {"use_gate": True, "use_bias": False},
    ):
        for shapes in (
            (query, query),
            (query, (6, 4)),
            (query, (6, 3)),
            (query, (6, 4), (6, 5)),
            (query, (6, 4), (7, 4)),
            ((None, 4), (None, 4)),
            ((5, None), query),
        ):
            for scores in (True, False):
                options = {"return_attention_scores": scores}
                yield Case(word, {**arguments, **flags}, shapes, names[: len(shapes)], options)


def unchanged() -> Iterator[Case]:
    shapes = ((4,), (3, 4), (2, 3, 4), (2, 3, 4, 5), (None, 4))
    for word in (
        "ELU",
        "LeakyReLU",
        "ReLU",
        "Softmax",
        "Identity",
        "Masking",
        "ActivityRegularization",
    ):
        yield from over(word, shapes)
    yield from over("Activation", shapes, activation=("relu",))
    for word in ("Dropout", "AlphaDropout", "GaussianDropout"):
        yield from over(word, shapes, rate=(0.5,))
    for number in (1, 2, 3):
        yield from over(f"SpatialDropout{number}D", shapes, rate=(0.5,))
    yield from over("GaussianNoise", shapes, stddev=(0.5,))
    yield from over("Rescaling", shapes, scale=(0.5,))
    yield from over("PReLU", shapes, shared_axes=(None, 1, (1,), (1, 2), (4,)))


def images() -> Iterator[Case]:
    for word in ("Resizing", "CenterCrop", "RandomCrop"):
        shapes = ((8, 9, 3), (None, None, 3), (3, 8, 9))
        yield from over(word, shapes, height=(4,), width=(5,), data_format=FORMATS)


def augmentations() -> Iterator[Case]:
    for name in (*AUGMENTATIONS, "RandomColorDegeneration"):
        word = load_catalog().find(name, "layer")
        assert word is not None
        factor = 4 if name == "RandomPosterization" else 0.2
        given = {"factor": factor, "height_factor": 0.1, "width_factor": 0.1}
        arguments = {argument.name: given[argument.name] for argument in word.required}
        for shape in ((8, 9, 3), (8, 9, 1), (None, None, 3), (8, 9, None), (8, 9, 5)):
            yield case(name, shape, **arguments)


def features() -> Iterator[Case]:
    shapes = ((1,), (4,), (3, 1), (3, 4), (None,), ())
    modes = ("one_hot", "multi_hot", "count")
    yield from over("CategoryEncoding", shapes, num_tokens=(5,), output_mode=modes)
    yield from over("Hashing", shapes, num_bins=(5,), output_mode=("int", *modes))
    yield from over("IntegerLookup", shapes, vocabulary=((1, 2, 3),))
    yield from over("StringLookup", shapes, vocabulary=(("a", "b"),))


def spectrograms() -> Iterator[Case]:
    yield from over(
        "STFTSpectrogram",
        ((40, 2), (None, 3), (6, 1), (2, 40), (40,)),
        frame_length=(8, 7),
        frame_step=(None, 3),
        fft_length=(None, 16),
        mode=("log", "stft", "real"),
        padding=("valid", "same"),
        expand_dims=(False, True),
        data_format=FORMATS[1:],
    )
    yield from over(
        "MelSpectrogram",
        ((2000,), (None,)),
        num_mel_bins=(8,),
        sequence_stride=(256, 500),
        sequence_length=(512,),
        fft_length=(1024,),
    )


def categories() -> Iterator[Case]:
    shapes = ((1,), (3,), (4, 1), (2, 3), (None,), ())
    modes = ("int", "one_hot", "multi_hot", "count")
    yield from over("Discretization", shapes, bin_boundaries=((0.0, 1.0),), output_mode=modes)
    yield from over("Discretization", shapes, num_bins=(5,), output_mode=modes)
    for number, mode in product((3, 11), ("int", "one_hot")):
        for shape in ((1,), (3,), ()):
            yield case("HashedCrossing", shape, shape, num_bins=number, output_mode=mode)
    for shape, tied in product(((5,), (None,), (2, 3)), (True, False)):
        found = case("ReversibleEmbedding", shape, input_dim=7, output_dim=3, tie_weights=tied)
        yield found
        yield Case(found.word, found.arguments, ((5, 3),), options={"reverse": True})
    inner = (layer("Rescaling", {"scale": 2.0}), layer("Dense", {"units": 3}))
    for shape in ((5,), (2, 5), (None,)):
        yield Case("Pipeline", {"layers": inner}, (shape,))


def texts() -> Iterator[Case]:
    words = {"vocabulary": (("a", "b"),)}
    yield from over("TextVectorization", ((1,),), **words, output_sequence_length=(None, 4))
    yield from over("TextVectorization", ((1,),), **words, output_mode=("count", "multi_hot"))


GRIDS = (
    spectrograms,
    categories,
    texts,
    *(convolutions, pooling, matrices, reshaping, borders, recurrent, recurrent_convolutions),
    *(wrapped, normalization, merging, attention, unchanged, images, augmentations, features),
)
