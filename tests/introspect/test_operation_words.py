"""The functions of `keras.ops` as words: their tensors, their arguments, and which are refused."""

from __future__ import annotations

import inspect

import keras
import pytest

from modelforge.catalog import Word
from modelforge.introspect.operations import operations

WORDS = {word.name: word for word in operations()}


def known(name: str) -> Word:
    """The word of a name or an alias."""
    found = [word for word in WORDS.values() if name in (word.name, *word.aliases)]
    assert len(found) == 1, name
    return found[0]


@pytest.mark.parametrize("space", ["", "nn", "image", "linalg"])
def test_every_function_is_a_word(space: str) -> None:
    module = getattr(keras.ops, space) if space else keras.ops
    names = [name for name, thing in vars(module).items() if inspect.isfunction(thing)]
    assert len(names) > 10
    for name in names:
        assert known(f"ops.{space}.{name}" if space else f"ops.{name}").kind == "operation"


def test_every_argument_of_a_function_is_a_tensor_or_an_argument() -> None:
    for word in WORDS.values():
        if word.refused:
            continue
        function = keras
        for part in [*word.module.split(".")[1:], word.name.rpartition(".")[2]]:
            function = getattr(function, part)
        named = {argument.name for argument in word.arguments} | set(word.calls)
        varying = {n for n, p in inspect.signature(function).parameters.items() if p.kind == 4}
        assert named == set(inspect.signature(function).parameters) - varying, word.name


def test_tensors_are_told_from_arguments() -> None:
    assert WORDS["ops.reshape"].calls == ("x",)
    assert [argument.name for argument in WORDS["ops.reshape"].arguments] == ["newshape"]
    assert WORDS["ops.add"].calls == ("x1", "x2")
    assert WORDS["ops.einsum"].calls == ("operands",)
    assert WORDS["ops.image.resize"].calls == ("images",)
    assert WORDS["ops.dot_product_attention"].calls == (
        *("query", "key", "value"),
        *("bias", "mask", "scale"),
    )


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("ops.add", "x2"),
        ("ops.take", "indices"),
        ("ops.reshape", "newshape"),
        ("ops.softmax", "axis"),
        ("ops.top_k", "k"),
        ("ops.split", "indices_or_sections"),
        ("ops.einsum", "subscripts"),
        ("ops.relu", None),
    ],
)
def test_the_short_form_sets_what_follows_the_first_tensor(name: str, argument: str | None) -> None:
    first = WORDS[name].first
    assert (first.name if first else None) == argument


def test_functions_that_take_a_list_of_tensors() -> None:
    assert {word.name for word in WORDS.values() if word.merges and not word.refused} == {
        "ops.concatenate",
        "ops.dstack",
        "ops.einsum",
        "ops.fft",
        "ops.fft2",
        "ops.hstack",
        "ops.ifft2",
        "ops.irfft",
        "ops.istft",
        "ops.meshgrid",
        "ops.select",
        "ops.stack",
        "ops.vstack",
    }


def test_what_no_model_can_hold_is_refused_and_says_why() -> None:
    refused = {word.name: word.refused for word in WORDS.values() if word.refused}
    assert "function" in refused["ops.while_loop"]
    assert "numbers alone" in refused["ops.zeros"]
    assert "no tensor" in refused["ops.shape"]
    assert "`ops.take`" in refused["ops.get_item"]
    assert len(refused) == 41


def test_other_names_of_a_function_are_aliases() -> None:
    assert known("ops.swish").name == "ops.silu"
    assert known("ops.linalg.det").name == "ops.det"
    assert known("ops.nn.relu").name == "ops.relu"
