"""Scores of several labels equal scikit-learn's; predictions are those above the threshold."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics

from modelforge.evaluate.answers import read_labels
from modelforge.evaluate.evaluation import Evaluation
from modelforge.evaluate.multi_label import auc, average_precision, multi_label
from modelforge.evaluate.predictions import Reading, rows_of
from modelforge.evaluate.render import render
from modelforge.evaluate.scores import scorer_of
from modelforge.evaluate.summary import summary
from modelforge.graph.given import Learned


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A truth, and probabilities of two decimals, so that many are the same."""
    random = np.random.default_rng(seed)
    true = (random.random((200, 4)) < [0.5, 0.1, 0.3, 0.8]).astype(np.float32)
    scores = np.clip(0.3 * true + random.random(true.shape) * 0.7, 0, 1).round(2)
    return true, scores.astype(np.float32)


@pytest.mark.parametrize("threshold", [0.5, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_scores_equal_scikit_learns(seed: int, threshold: float) -> None:
    true, scores = drawn(seed)
    found = multi_label(true, scores, list("abcd"), threshold)
    chosen = scores > threshold
    rows = [*found.labels, found.macro, found.micro]
    for average, told in ((None, found.labels), ("macro", [found.macro]), ("micro", [found.micro])):
        each = metrics.precision_recall_fscore_support(
            true, chosen, average=average, zero_division=0
        )
        for values, key in zip(each[:3], ("precision", "recall", "f1"), strict=True):
            assert np.atleast_1d(values) == pytest.approx([getattr(row, key) for row in told])
        expected = np.atleast_1d(metrics.average_precision_score(true, scores, average=average))
        assert expected == pytest.approx([row.average_precision for row in told])
        expected = np.atleast_1d(metrics.roc_auc_score(true, scores, average=average))
        assert expected == pytest.approx([row.auc for row in told])
    assert [row.support for row in rows] == [*true.sum(axis=0), true.sum(), true.sum()]
    assert found.subset_accuracy == pytest.approx(metrics.accuracy_score(true, chosen))
    assert found.hamming_loss == pytest.approx(metrics.hamming_loss(true, chosen))


@given(
    arrays.arrays(bool, 12, elements=st.booleans()),
    arrays.arrays(np.float32, 12, elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])),
)
def test_ranks_equal_scikit_learns_where_many_scores_are_the_same(
    true: np.ndarray, scores: np.ndarray
) -> None:
    if true.any():
        expected = metrics.average_precision_score(true, scores)
        assert average_precision(true, scores) == pytest.approx(expected)
    if true.any() and not true.all():
        assert auc(true, scores) == pytest.approx(metrics.roc_auc_score(true, scores))


def test_a_label_that_nobody_has_leaves_the_means_of_the_others() -> None:
    true = np.array([[1, 0], [0, 0]], np.float32)
    found = multi_label(true, np.array([[0.9, 0.1], [0.2, 0.3]], np.float32), ["seen", "never"])
    never = found.labels[1]
    assert (never.average_precision, never.auc, never.f1, never.support) == (None, None, 0.0, 0)
    assert (found.macro.average_precision, found.macro.auc) == (1.0, 1.0)
    json.dumps(Evaluation("test", 2, "best.keras", {}, multi_label=found).as_dict())


def test_logits_become_probabilities_and_bare_scores_tell_no_labels() -> None:
    outputs = np.array([[0.0, 2.0]])
    assert read_labels(outputs, 2, "logits") == pytest.approx(np.array([[0.5, 0.8807971]]))
    assert read_labels(outputs, 2, "scores") is None
    assert read_labels(outputs, 3, "probabilities") is None


def test_workers_come_to_the_scores_of_one_process() -> None:
    true, scores = drawn(5)
    learned = Learned("multi_label", (4,), {"class_names": list("abcd")})
    alone, first, second = (scorer_of(learned, "tags", "probabilities", 0.4) for _ in range(3))
    alone.add(true, scores)
    first.add(true[:37], scores[:37])
    second.add(true[37:], scores[37:])
    first.join(json.loads(json.dumps(second.state())))
    assert first.scores() == alone.scores()
    assert alone.scores().multi_label is not None


def test_summary_shows_every_label_and_the_means() -> None:
    found = multi_label(*drawn(1), ["beach", "people", "sea", "sun"], 0.25)
    text = summary(Evaluation("test", 200, "best.keras", {"loss": 0.5}, multi_label=found))
    lines = [line.split()[0] for line in text.splitlines() if line and line[0] != " "]
    assert lines == [
        "best.keras",
        "label",
        "beach",
        "people",
        "sea",
        "sun",
        "(macro",
        "(micro",
        "a",
    ]
    assert f"subset accuracy  {found.subset_accuracy:.4f}" in text
    assert "above a probability of 0.25" in text


READING = Reading(
    {"tags": ("a", "b", "c")}, {"tags": "probabilities"}, multi_label=frozenset({"tags"})
)
ANSWER = {"tags": np.array([[0.75, 0.25, 0.875], [0.5, 0.25, 0.125]], np.float32)}


def test_predictions_are_the_labels_above_the_threshold_the_best_first() -> None:
    rows = rows_of(["x", "y"], ANSWER, READING)
    assert rows == [
        {"input": "x", "labels": ["c", "a"], "probabilities": [0.875, 0.75]},
        {"input": "y", "labels": [], "probabilities": []},
    ]
    assert render(rows, "csv").splitlines() == [
        "input,labels,probabilities",
        "x,c;a,0.875;0.75",
        "y,,",
    ]
    assert [line.split() for line in render(rows, "table").splitlines()[1:]] == [
        ["x", "c;", "a", "0.8750;", "0.7500"],
        ["y"],
    ]
    assert json.loads(render(rows, "jsonl").splitlines()[0])["labels"] == ["c", "a"]


def test_every_probability_is_told_where_it_is_asked_for() -> None:
    reading = Reading(**{**vars_of(READING), "probabilities": True, "threshold": 0.2})
    (row, _) = rows_of(["x", "y"], ANSWER, reading)
    assert row["labels"] == ["c", "a", "b"]
    assert (row["p(a)"], row["p(b)"], row["p(c)"]) == (0.75, 0.25, 0.875)


def vars_of(reading: Reading) -> dict[str, object]:
    return {name: getattr(reading, name) for name in Reading.__dataclass_fields__}
