"""What `keras.ops` takes as a number in a model is what the vocabulary lets a spec write."""

from __future__ import annotations

from typing import Any

import keras
import pytest

from modelforge.catalog import Word, load_catalog

PAIRS = [word for word in load_catalog().words("operation").values() if len(word.calls) == 2]
NUMBERS = (1, 1.5, True)


def function(word: Word) -> Any:
    found: Any = keras
    for part in f"{word.module}.{word.name.rpartition('.')[2]}".split(".")[1:]:
        found = getattr(found, part)
    return found


def errors(word: Word, written: str) -> list[Exception | None]:
    """What the function says to numbers for this operand, and a tensor for the other."""
    (other,) = (name for name in word.calls if name != written)
    said: list[Exception | None] = []
    for dtype in ("float32", "int32"):
        for number in NUMBERS:
            try:
                function(word)(**{other: keras.KerasTensor((None, 4), dtype), written: number})
                said.append(None)
            except Exception as error:
                said.append(error)
    return said


@pytest.mark.parametrize("word", [it for it in PAIRS if not it.refused], ids=lambda it: it.name)
def test_a_number_is_refused_where_keras_asks_it_for_its_shape(word: Word) -> None:
    for argument in word.arguments:
        if argument.name not in word.calls:
            continue
        said = errors(word, argument.name)
        taken = any(error is None for error in said)
        asked = all("has no attribute" in str(error) for error in said)
        number = {"number", "integer"} & {*argument.types}
        assert number or not taken, f"{argument.name}: Keras takes a number"
        assert not (number and asked), f"{argument.name}: {said[0]}"
