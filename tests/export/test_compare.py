"""How far two models' outputs lie apart."""

import numpy as np
import pytest

from modelforge.export.compare import largest_difference
from modelforge.export.served import argument_names


def test_small_values_are_compared_absolutely_and_large_ones_relatively() -> None:
    assert largest_difference({"y": np.array([0.5])}, {"y": np.array([0.4])}) == pytest.approx(0.1)
    assert largest_difference({"y": np.array([2e4])}, {"y": np.array([2e4 + 2])}) == pytest.approx(
        1e-4
    )


@pytest.mark.parametrize(
    "other",
    [{"z": np.zeros(2)}, {"y": np.zeros(3)}, {"y": np.array([0.0, np.nan])}, {}],
)
def test_what_cannot_be_compared_is_infinitely_far(other: dict[str, np.ndarray]) -> None:
    assert largest_difference({"y": np.zeros(2)}, other) == float("inf")


def test_equal_infinities_and_nans_do_not_differ() -> None:
    values = np.array([np.inf, np.nan, 1.0])
    assert largest_difference({"y": values}, {"y": values.copy()}) == 0.0


def test_argument_names_are_legal_and_unique() -> None:
    found = argument_names(["a b", "a-b", "3d", "größe", "()", "class"])
    assert found == {
        "a b": "a_b",
        "a-b": "a_b_2",
        "3d": "input_3d",
        "größe": "gr_e",
        "()": "input",
        "class": "class_",  # a column of titanic.csv; TensorFlow refuses keywords
    }
