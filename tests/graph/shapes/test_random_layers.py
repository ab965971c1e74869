"""Random layers on random shapes: what the rules claim is what Keras says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.graph.shapes.against_keras import MERGING, Case, disagreement, frozen, layer

SMALL = st.integers(1, 5)
SIZES = st.one_of(st.none(), st.integers(1, 9))
SHAPES = st.lists(SIZES, max_size=5).map(tuple)
FLAG = st.booleans()
FORMAT = st.sampled_from([None, "channels_last", "channels_first"])
AXIS = st.integers(-4, 4)


def several(count: int, least: int = 1) -> st.SearchStrategy[Any]:
    one = st.integers(least, 4)
    return st.one_of(one, st.lists(one, min_size=count, max_size=count).map(tuple))


def pairs(count: int) -> st.SearchStrategy[Any]:
    if count == 1:
        return several(2, 0)
    inner = st.lists(several(2, 0), min_size=count, max_size=count).map(tuple)
    return st.one_of(st.integers(0, 4), inner)


def _words() -> dict[str, Mapping[str, st.SearchStrategy[Any]]]:
    padding = st.sampled_from(["valid", "same"])
    words: dict[str, Mapping[str, st.SearchStrategy[Any]]] = {}
    for n in (1, 2, 3):
        base = {"kernel_size": several(n), "padding": padding, "data_format": FORMAT}
        base |= {"strides": several(n), "dilation_rate": several(n), "use_bias": FLAG}
        words[f"Conv{n}D"] = base | {"filters": SMALL, "groups": st.integers(1, 3)}
        extra = st.one_of(st.none(), several(n, 0))
        words[f"Conv{n}DTranspose"] = base | {"filters": SMALL, "output_padding": extra}
        if n < 3:
            words[f"DepthwiseConv{n}D"] = base | {"depth_multiplier": SMALL}
            words[f"SeparableConv{n}D"] = base | {"filters": SMALL, "depth_multiplier": SMALL}
        pool = {"pool_size": several(n), "padding": padding, "data_format": FORMAT}
        words[f"MaxPooling{n}D"] = pool | {"strides": st.one_of(st.none(), several(n))}
        words[f"GlobalMaxPooling{n}D"] = {"data_format": FORMAT, "keepdims": FLAG}
        words[f"ZeroPadding{n}D"] = {"padding": pairs(n), "data_format": FORMAT}
        words[f"Cropping{n}D"] = {"cropping": pairs(n)} | ({"data_format": FORMAT} if n > 1 else {})
        words[f"UpSampling{n}D"] = {"size": SMALL if n == 1 else several(n)}
    states = {"units": SMALL, "use_bias": FLAG, "return_sequences": FLAG, "return_state": FLAG}
    words |= dict.fromkeys(("SimpleRNN", "GRU", "LSTM"), states)
    words |= {name: {} for name in ("Add", "Multiply", "Maximum", "Subtract")}
    target = st.lists(st.integers(-1, 6), min_size=1, max_size=4).map(tuple)
    scaled = {"scale": FLAG, "center": FLAG}
    axes = st.one_of(AXIS, st.lists(AXIS, min_size=1, max_size=3).map(tuple))
    return words | {
        "Dense": {"units": SMALL, "use_bias": FLAG, "trainable": FLAG},
        "Embedding": {"input_dim": SMALL, "output_dim": SMALL},
        "Flatten": {"data_format": FORMAT},
        "Reshape": {"target_shape": target},
        "Permute": {"dims": st.permutations([1, 2, 3])},
        "RepeatVector": {"n": SMALL},
        "BatchNormalization": scaled | {"axis": AXIS},
        "LayerNormalization": scaled | {"axis": axes},
        "RMSNormalization": {"axis": axes},
        "UnitNormalization": {"axis": axes},
        "GroupNormalization": scaled | {"axis": AXIS, "groups": st.sampled_from([-1, 1, 2, 3])},
        "Normalization": {"axis": axes},
        "PReLU": {"shared_axes": st.one_of(st.none(), axes)},
        "Concatenate": {"axis": AXIS},
        "Dot": {"axes": st.one_of(AXIS, st.tuples(AXIS, AXIS))},
        "Attention": {"use_scale": FLAG, "score_mode": st.sampled_from(["dot", "concat"])},
        "AdditiveAttention": {"use_scale": FLAG},
        "CategoryEncoding": {
            "num_tokens": SMALL,
            "output_mode": st.sampled_from(["one_hot", "multi_hot", "count"]),
        },
    }


WORDS = _words()


@st.composite
def cases(draw: st.DrawFn) -> Case:
    word = draw(st.sampled_from(sorted(WORDS)))
    arguments = {name: frozen(draw(choice)) for name, choice in WORDS[word].items()}
    count = draw(st.integers(1, 3)) if word in MERGING else 1
    shapes = [draw(fitting(word) if draw(st.booleans()) else SHAPES)]
    for _ in range(1, count):
        near = draw(st.booleans())
        shapes.append(draw(close_to(shapes[0])) if near else draw(SHAPES))
    if count == 1 and draw(st.booleans()) and word not in MERGING:
        found = Case(word, arguments, (*shapes,))
        wrapper = draw(st.sampled_from(["TimeDistributed", "Bidirectional"]))
        if wrapper == "TimeDistributed" or word in ("SimpleRNN", "GRU", "LSTM"):
            return Case(wrapper, {"layer": layer(word, found.arguments)}, found.shapes)
    return Case(word, arguments, tuple(shapes))


def fitting(word: str) -> st.SearchStrategy[tuple[int | None, ...]]:
    """Shapes with the axes that the word takes, so that not nearly all are refused for that."""
    dimensions = re.search(r"([123])D", word)
    axes = int(dimensions.group(1)) + 1 if dimensions else 2
    return st.lists(st.integers(1, 9), min_size=axes, max_size=axes).map(tuple)


@st.composite
def close_to(draw: st.DrawFn, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    return tuple(draw(st.sampled_from([size, size, size, 1, 3, None])) for size in shape)


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]


@given(wanted=cases())
@settings(max_examples=150, deadline=None, suppress_health_check=CHECKS, derandomize=True)
def test_random_layers_agree_with_keras(wanted: Case) -> None:
    assert not disagreement(wanted, complete=False)


@pytest.mark.slow
@given(wanted=cases())
@settings(max_examples=4000, deadline=None, suppress_health_check=CHECKS)
def test_many_random_layers_agree_with_keras(wanted: Case) -> None:
    assert not disagreement(wanted, complete=False)
