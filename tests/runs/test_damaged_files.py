"""A file of a run that holds something else than was written: said, not stumbled over."""

from __future__ import annotations

import json
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest

from modelforge.findings import Refused
from modelforge.report.facts import read_facts
from modelforge.report.page import render_page
from modelforge.runs import RunFolder, read_history
from modelforge.runs.forms import data_misfit, evaluation_misfit

LEARNED = {"column": "age", "kind": "float_normalized", "missing": False, "offset": 0.0,
           "scale": 1.0, "vocabulary": [], "boundaries": [], "bins": 0}  # fmt: skip
TABLE = {"kind": "table", "missing_values": [""], "delimiter": ",", "features": [LEARNED]}
GOOD: dict[str, Any] = {
    "schema_version": 1,
    "sources": {"train": {"word": "CSV", "size": 3}},
    "splits": {"train": {"size": 3, "steps": 1, "from": "train"}},
    "targets": [{"output": "", "kind": "classes", "classes": ["a", "b"], "input": ""}],
    "reading": TABLE,
}


def test_what_is_written_fits() -> None:
    assert data_misfit(GOOD) == ""
    assert data_misfit({}) == ""
    assert data_misfit({**GOOD, "reading": {"kind": "images", "height": 8, "width": 8}}) == ""


@pytest.mark.parametrize(
    ("change", "misfit"),
    [
        ([], "it is no mapping"),
        ({**GOOD, "sources": {"train": "x"}}, "`sources.train` is no mapping"),
        ({**GOOD, "targets": [{"output": ""}]}, "`targets.0.classes` is missing"),
        ({**GOOD, "splits": {"train": {"size": True}}}, "`splits.train.size` is bool"),
        ({**GOOD, "reading": {"kind": "tables"}}, "`reading.kind` is none of arrays, images,"),
        ({**GOOD, "reading": {"inputs": {}}}, "no `reading.kind`"),
        ({**GOOD, "reading": {"kind": "table"}}, "`reading.missing_values` is missing"),
        (
            {**GOOD, "reading": {**TABLE, "features": [{**LEARNED, "more": 1}]}},
            "`reading.features.0.more` is not known",
        ),
    ],
)
def test_what_does_not_fit_is_named(change: Any, misfit: str) -> None:
    assert misfit in data_misfit(change)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[1]", b'{"targets": 5}', b"[" * 10**5])
def test_a_damaged_manifest_is_refused_by_its_name(content: bytes, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    assert folder.read_data() == {}
    folder.data.write_bytes(content)
    with pytest.raises(Refused, match=r"data\.json` is damaged"):
        folder.read_data()


@pytest.mark.parametrize(
    "state",
    [
        {"state": 5}, {"state": "ended"}, {"state": "finished", "seconds": "long"},
        {"state": "finished", "epochs": None}, {"state": "finished", "best": {"loss": "low"}},
        {"state": "finished", "started": 3}, ["state"], "state",
    ],
)  # fmt: skip
def test_a_damaged_state_is_no_state(state: Any, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    (folder.path / "state.json").write_text(json.dumps(state), encoding="utf-8")
    assert folder.state() is None


def test_a_process_number_that_there_cannot_be(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    text = json.dumps({"state": "running", "pid": 2**70, "host": gethostname()})
    (folder.path / "state.json").write_text(text, encoding="utf-8")
    state = folder.state()
    assert state is not None and not state.alive


def test_lines_of_the_history_that_are_damaged_are_left_out(tmp_path: Path) -> None:
    lines = [b'{"epoch": 1, "loss": 0.5}', b"\xff\xfe", b'{"epoch": "2"}', b"[]", b"{",
             b'{"epoch": 3, "loss": 0.25}']  # fmt: skip
    (tmp_path / "history.jsonl").write_bytes(b"\n".join(lines))
    assert [row["epoch"] for row in read_history(tmp_path)] == [1, 3]


CLASSES = {
    "accuracy": 1.0,
    "macro_f1": 1.0,
    "classes": [{"name": "a", "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 2}],
    "confusion": [[2]],
}
LABEL = {"name": "a", "precision": 1.0, "recall": 1.0, "f1": 1.0, "average_precision": 1.0,
         "auc": None, "support": 2}  # fmt: skip
LABELS = {"threshold": 0.5, "subset_accuracy": 1.0, "hamming_loss": 0.0, "macro": LABEL,
          "micro": LABEL, "labels": [LABEL]}  # fmt: skip
MEASURED: dict[str, Any] = {
    "split": "test", "size": 2, "metrics": {"loss": 0.5}, "classification": CLASSES,
    "regression": None, "output": "", "others": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "misfit"),
    [
        ({}, ""),
        ({"classification": None, "regression": {"mae": 0.5}}, ""),
        ({"classification": None, "multi_label": LABELS}, ""),
        (
            {"classification": None, "multi_label": {**LABELS, "macro": None}},
            "`multi_label.macro` is no mapping",
        ),
        (
            {
                "classification": None,
                "multi_label": {**LABELS, "labels": [{**LABEL, "auc": "high"}]},
            },
            "`multi_label.labels.0.auc` is str",
        ),
        ({"metrics": {"loss": "low"}}, "`metrics.loss` is str"),
        ({"classification": {**CLASSES, "confusion": [[2, 0]]}}, "is not square"),
        ({"classification": {**CLASSES, "confusion": [["2"]]}}, "`classification.confusion.0.0`"),
        ({"classification": None, "regression": {"mae": None}}, "`regression.mae` is NoneType"),
        ({"others": [3]}, "`others.0` is no mapping"),
    ],
)
def test_what_was_measured(change: dict[str, Any], misfit: str) -> None:
    found = evaluation_misfit({**MEASURED, **change})
    assert misfit in found and bool(misfit) == bool(found)


def test_a_page_leaves_out_what_is_damaged(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path, "digits")
    for split, change in (("test", {}), ("validation", {"metrics": 3})):
        text = json.dumps({**MEASURED, "split": split, **change})
        (folder.path / f"evaluation-{split}.json").write_text(text, encoding="utf-8")
    page = render_page(read_facts(folder))
    assert "Evaluation on test (2 samples)" in page
    assert "Evaluation on validation" not in page
