"""What is made of a parameter and its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from modelforge.catalog import Argument
from modelforge.introspect.infer import argument_of
from modelforge.introspect.signatures import REQUIRED, Parameter, parameters_of


def infer(name: str, default: Any, documentation: str, word: str = "Word") -> Argument:
    return argument_of(Parameter(name, default, False, None), documentation, word)


@pytest.mark.parametrize(
    ("name", "default", "documentation", "types"),
    [
        ("units", REQUIRED, "Positive integer, dimensionality of the output.", ("integer",)),
        ("rate", REQUIRED, "Float between 0 and 1.", ("number",)),
        ("use_bias", True, "Boolean, whether to use a bias.", ("boolean",)),
        ("patience", 0, "Number of epochs with no improvement.", ("integer",)),
        ("min_delta", 0, "Minimum change.", ("number",)),
        ("strides", None, "int or None. How far the window moves.", ("null", "integer")),
        ("axis", -1, "Integer, or list of integers.", ("integer", "array")),
        ("axis", 0, "integer, set it to `[0, 1, 2]` for all.", ("integer", "array")),
        ("mask_token", None, 'A token. When `output_mode` is `"int"`, it is 0.', ()),
        ("noise_shape", None, "1D integer tensor.", ()),
        ("thresholds", None, "(Optional) A float value, or a list.", ("null", "number", "array")),
        ("save_freq", "epoch", '`"epoch"` or integer.', ("integer", "string")),
        ("name", "mse", "", ("null", "string")),
        ("anything", REQUIRED, "", ()),
    ],
)
def test_types(name: str, default: Any, documentation: str, types: tuple[str, ...]) -> None:
    assert infer(name, default, documentation).types == types


@pytest.mark.parametrize(
    ("default", "documentation", "choices"),
    [
        ("valid", 'string, either `"valid"` or `"same"` (case-insensitive).', ("valid", "same")),
        ("auto", 'One of `{"auto", "min", "max"}`. In `"min"` mode', ("auto", "min", "max")),
        ("log", 'String, the type. Can be one of `"log"`, `"psd`".', ("log", "psd")),
        (None, "- `None` means 4D.\n- `avg` means pooled.\n- `max` means max.", ("avg", "max")),
        ("imagenet", 'One of `None`, `"imagenet"`, or the path to a file.', ()),
        ("other", 'One of `"a"` or `"b"`.', ()),
    ],
)
def test_choices(default: Any, documentation: str, choices: tuple[str, ...]) -> None:
    assert infer("mode", default, documentation).choices == choices


def test_lists_have_items_and_lengths() -> None:
    size = infer("kernel_size", REQUIRED, "int or tuple/list of 2 integers.", "Conv2D")
    assert (size.items, size.length) == (("integer",), (2, 2))
    wrong = infer("kernel_size", REQUIRED, "int or tuple/list of 1 integer.", "Conv3D")
    assert wrong.length is None, "the documentation contradicts the rank of the class"
    default = infer("strides", (1, 1), "int or tuple/list of 1 integer.", "Conv2D")
    assert default.length == (2, 2)
    ids = infer("target_class_ids", (0, 1), "A list of class ids.")
    assert ids.length is None, "a default alone does not fix the length"


def test_objects() -> None:
    assert infer("kernel_initializer", "zeros", "").kinds == ("initializer",)
    assert infer("recurrent_activation", "tanh", "").types == ("null",)
    rate = infer("learning_rate", 0.1, "A float or a schedule.")
    assert (rate.kinds, rate.types) == (("schedule",), ("number",))
    assert infer("cells", REQUIRED, "List of cells.").many
    assert infer("dtype", None, "").types == ("null", "string")


def test_functions_cannot_be_said() -> None:
    assert "function" in infer("fn", REQUIRED, "The metric function to wrap.").unsayable
    assert "YAML" in infer("input_tensor", None, "Optional Keras tensor.").unsayable


class Base:
    def __init__(self, rank: int, name: str = "", *, trainable: bool = True) -> None: ...


class Passing(Base):
    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(rank=2, **kwargs)


class Closed(Base):
    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(2)


def test_arguments_travel_through_kwargs() -> None:
    found = {p.name: p for p in parameters_of(Passing)}
    assert list(found) == ["size", "name", "trainable"]
    assert found["name"].keyword_only, "what travels through **kwargs travels by name"
    assert not found["size"].keyword_only


def test_kwargs_that_are_not_passed_on_end_the_search() -> None:
    assert [p.name for p in parameters_of(Closed)] == ["size"]
