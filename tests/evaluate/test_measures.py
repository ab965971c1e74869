"""Scores equal scikit-learn's, and read as a user reads them."""

import numpy as np
import pytest
from sklearn import metrics

from modelforge.evaluate.measures import (
    RunningRegression,
    classification,
    confusion_matrix,
    regression,
)


@pytest.mark.parametrize("seed", range(5))
def test_scores_by_class_equal_scikit_learns(seed: int) -> None:
    random = np.random.default_rng(seed)
    classes = int(random.integers(2, 8))
    true = random.integers(0, classes, 200)
    predicted = np.where(random.random(200) < 0.7, true, random.integers(0, classes, 200))
    names = [f"c{i}" for i in range(classes)]

    found = classification(true, predicted, names)

    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        true, predicted, labels=range(classes), zero_division=0
    )
    assert [score.name for score in found.classes] == names
    assert [score.precision for score in found.classes] == pytest.approx(list(precision))
    assert [score.recall for score in found.classes] == pytest.approx(list(recall))
    assert [score.f1 for score in found.classes] == pytest.approx(list(f1))
    assert [score.support for score in found.classes] == list(support)
    assert found.accuracy == pytest.approx(metrics.accuracy_score(true, predicted))
    assert found.macro_f1 == pytest.approx(
        metrics.f1_score(true, predicted, average="macro", labels=range(classes), zero_division=0)
    )
    expected = metrics.confusion_matrix(true, predicted, labels=range(classes))
    assert np.array_equal(found.confusion, expected)


def test_rows_are_true_classes_and_columns_predicted_ones() -> None:
    counts = confusion_matrix(np.array([0, 0, 1]), np.array([1, 1, 1]), 2)
    assert counts.tolist() == [[0, 2], [0, 1]]


def test_a_class_that_never_occurs_scores_nothing_instead_of_dividing_by_zero() -> None:
    found = classification(np.array([0, 0]), np.array([0, 0]), ["seen", "never"])
    assert found.classes[1].precision == found.classes[1].recall == found.classes[1].f1 == 0.0
    assert found.classes[1].support == 0
    assert found.accuracy == 1.0


def test_numbers_are_measured_as_scikit_learn_measures_them() -> None:
    random = np.random.default_rng(0)
    true = random.normal(50, 10, 300)
    predicted = true + random.normal(0, 3, 300)
    found = regression(true[:, None], predicted[:, None].astype("float64"))
    assert found.mae == pytest.approx(metrics.mean_absolute_error(true, predicted))
    assert found.rmse == pytest.approx(metrics.root_mean_squared_error(true, predicted))
    assert found.r2 == pytest.approx(metrics.r2_score(true, predicted))


def test_r2_of_a_constant_truth() -> None:
    true = np.full(4, 3.0)
    assert regression(true, true).r2 == metrics.r2_score(true, true) == 1.0
    assert regression(true, true + 1).r2 == metrics.r2_score(true, true + 1) == 0.0


def test_batches_come_to_the_same_as_all_at_once() -> None:
    rng = np.random.default_rng(3)
    true = rng.normal(1e4, 1.0, (50, 3, 2))
    predicted = true + rng.normal(0, 0.5, true.shape)
    running = RunningRegression()
    for start in range(0, 50, 7):
        running.add(true[start : start + 7], predicted[start : start + 7])
    found, whole = running.result(), regression(true, predicted)
    assert (found.mae, found.rmse, found.r2) == pytest.approx((whole.mae, whole.rmse, whole.r2))
    error = predicted - true
    assert found.r2 == pytest.approx(1 - (error**2).sum() / ((true - true.mean()) ** 2).sum())
