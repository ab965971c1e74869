"""What a model's outputs mean."""

import numpy as np
import pytest

from modelforge.evaluate.answers import read_classes


def test_a_softmax_gives_the_largest_class_and_its_probability() -> None:
    found = read_classes(np.array([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1]]), 3, "probabilities")
    assert found is not None
    assert found.chosen.tolist() == [1, 0]
    assert found.probabilities[0] == pytest.approx([0.1, 0.7, 0.2])


def test_logits_become_probabilities() -> None:
    found = read_classes(np.array([[1000.0, 0.0], [0.0, np.log(3.0)]]), 2, "logits")
    assert found is not None
    assert found.probabilities[0] == pytest.approx([1.0, 0.0])
    assert found.probabilities[1] == pytest.approx([0.25, 0.75])


def test_one_sigmoid_unit_is_the_probability_of_the_second_class() -> None:
    found = read_classes(np.array([[0.2], [0.9]]), 2, "probabilities")
    assert found is not None
    assert found.chosen.tolist() == [0, 1]
    assert found.probabilities[0] == pytest.approx([0.8, 0.2])


def test_one_logit_is_cut_at_zero() -> None:
    found = read_classes(np.array([[-0.1], [0.1], [-1000.0]]), 2, "logits")
    assert found is not None
    assert found.chosen.tolist() == [0, 1, 0]
    assert found.probabilities[2] == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize("shape", [(2, 5), (2, 3, 3), (2, 1)])
def test_outputs_of_another_shape_are_no_classes(shape: tuple[int, ...]) -> None:
    assert read_classes(np.zeros(shape), 3, "probabilities") is None


def test_scores_of_all_classes_are_compared_but_a_lone_score_has_no_threshold() -> None:
    found = read_classes(np.array([[-3.0, 12.0]]), 2, "scores")
    assert found is not None and found.chosen.tolist() == [1]
    assert read_classes(np.array([[12.0]]), 2, "scores") is None
