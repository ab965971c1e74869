"""Type promotion: every one, two and three dtypes against `keras.backend.result_type`."""

from __future__ import annotations

from itertools import product

import keras
import pytest

from modelforge.graph.dtypes.promotion import BOOL, FLOATS, WEAK_FLOAT, WEAK_WHOLE, WHOLE, promoted
from modelforge.graph.shapes.known import Unknown

PYTHON = {WEAK_WHOLE: int, WEAK_FLOAT: float}
EVERY = sorted((BOOL, WEAK_WHOLE, WEAK_FLOAT, *WHOLE, *FLOATS))


@pytest.mark.parametrize("floatx", ["float16", "float32", "float64"])
def test_promotion_is_that_of_keras(floatx: str) -> None:
    before = keras.config.floatx()
    keras.config.set_floatx(floatx)
    try:
        for count in (1, 2, 3):
            for dtypes in product(EVERY, repeat=count):
                wanted = keras.backend.result_type(*(PYTHON.get(it, it) for it in dtypes))
                assert promoted(dtypes, floatx) == wanted, dtypes
    finally:
        keras.config.set_floatx(before)


@pytest.mark.parametrize("dtypes", [["string"], ["float32", "string"], ["complex64"], []])
def test_what_is_no_number_is_not_promoted(dtypes: list[str]) -> None:
    with pytest.raises(Unknown):
        promoted(dtypes)
