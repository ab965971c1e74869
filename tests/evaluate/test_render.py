"""Predictions as tables, CSV, JSON lines."""

import csv
import io
import json

import numpy as np

from modelforge.evaluate.evaluation import Evaluation
from modelforge.evaluate.measures import classification
from modelforge.evaluate.predictions import Reading, rows_of
from modelforge.evaluate.render import render
from modelforge.evaluate.summary import summary

ROWS = [
    {"input": "a.png", "class": "hen, brown", "probability": 0.98765},
    {"input": "b\x1b[31m.png", "class": "dög", "probability": 0.5},
]


def test_a_table_is_aligned_and_cannot_command_the_terminal() -> None:
    assert render(ROWS, "table").splitlines() == [
        "input       class       probability",
        "a.png       hen, brown       0.9877",
        "b?[31m.png  dög              0.5000",
    ]


def test_csv_can_be_read_back() -> None:
    found = list(csv.DictReader(io.StringIO(render(ROWS, "csv"))))
    assert [row["class"] for row in found] == ["hen, brown", "dög"]
    assert float(found[0]["probability"]) == 0.98765


def test_json_lines_are_one_object_a_line() -> None:
    lines = render(ROWS, "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == ROWS
    assert "dög" in lines[1]


def test_several_outputs_have_columns_of_their_own() -> None:
    outputs = {"kind": np.array([[0.25, 0.75]]), "price": np.array([[12.5]])}
    (row,) = rows_of(
        ["x"], outputs, Reading({"kind": ("a", "b")}, {"kind": "probabilities", "price": "scores"})
    )
    assert row == {
        "input": "x",
        "kind.class": "b",
        "kind.probability": 0.75,
        "price.value": 12.5,
    }


def test_an_output_of_many_numbers_has_a_column_for_each() -> None:
    (row,) = rows_of(["x"], {"y": np.array([[1.0, 2.0]])}, Reading({}, {"y": "scores"}))
    assert row == {"input": "x", "value_0": 1.0, "value_1": 2.0}


def test_scores_say_which_of_several_outputs_they_are_about() -> None:
    found = classification(np.array([0, 1]), np.array([0, 1]), ["a", "b"])
    several = Evaluation("test", 2, "best.keras", {"loss": 0.5}, found, output="kind")
    assert "accuracy of `kind`" in summary(several)
    assert "accuracy of classes" in summary(Evaluation("test", 2, "best.keras", {}, found))
