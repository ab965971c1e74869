"""The page of a run: what it says, what it escapes, how small it stays."""

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from modelforge.report import write_report
from modelforge.report.tables import confusion, pairs
from modelforge.runs import History, RunFolder, RunState

EVIL = '<img src=x onerror="alert(1)">'


class Checker(HTMLParser):
    """Text, tags, and whether every element is closed."""

    VOID = frozenset({"meta", "br", "path", "circle", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def run_folder(tmp_path: Path, classes: int = 3, epochs: int = 12) -> RunFolder:
    folder = RunFolder.create(tmp_path / "runs", "digits")
    history = History(folder.path)
    for epoch in range(1, epochs + 1):
        history.rows.append(
            {
                "epoch": epoch,
                "seconds": 0.5,
                "loss": 2 * math.exp(-epoch / 4),
                "accuracy": 1 - math.exp(-epoch / 4),
                "val_loss": 2 * math.exp(-epoch / 4) + 0.1,
                "val_accuracy": 0.98 - math.exp(-epoch / 4),
            }
        )
    history.write()
    folder.set_state(RunState("finished", best_epoch=9, epochs=epochs, seconds=75.0))
    folder.resolved.write_text("modelforge: 1\nname: digits # " + EVIL + "\n", encoding="utf-8")
    folder.environment.write_text(json.dumps({"python": "3.11.7", "packages": {"keras": "3.15.1"}}))
    folder.data.write_text(
        json.dumps({"classes": [EVIL, "two"], "reading": {"secret": 1}, "seed": 0})
    )
    evaluation = {
        "split": "validation",
        "size": 60,
        "metrics": {"loss": 0.125},
        "classification": {
            "accuracy": 0.75,
            "macro_f1": 0.5,
            "classes": [
                {"name": f"{EVIL}{i}", "precision": 0.9, "recall": 0.8, "f1": 0.85, "support": 20}
                for i in range(classes)
            ],
            "confusion": [[7 if i == j else 1 for j in range(classes)] for i in range(classes)],
        },
    }
    (folder.path / "evaluation-validation.json").write_text(json.dumps(evaluation))
    return folder


def read(folder: RunFolder) -> tuple[str, Checker]:
    path = write_report(folder)
    assert path == folder.path / "report.html"
    page = path.read_text(encoding="utf-8")
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return page, checker


def test_says_what_a_user_wants_to_know(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    page, checker = read(folder)
    for wanted in ("digits", folder.id, "finished", "1 min 15 s", "Learning curves", "3.15.1"):
        assert wanted in checker.text
    assert checker.tags.count("svg") == 2
    assert "validation loss" in checker.text and "0.3108" in checker.text  # of the best epoch
    assert "0.125" in checker.text and "0.75" in checker.text and "0.850" in checker.text
    assert "taken for" in page
    assert "secret" not in checker.text


def test_a_run_that_lies_anywhere_is_called_as_its_spec(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "tuned")
    folder.path.mkdir()
    folder.resolved.write_text("modelforge: 1\nname: flowers-2\n", encoding="utf-8")
    assert "<title>flowers-2 - tuned</title>" in read(folder)[0]
    folder.resolved.unlink()
    assert f"<title>{tmp_path.name} - tuned</title>" in read(folder)[0]


def test_what_the_user_wrote_is_escaped_and_nothing_is_fetched(tmp_path: Path) -> None:
    page, checker = read(run_folder(tmp_path))
    assert "<img" not in page and "img" not in checker.tags
    assert "script" not in checker.tags and "link" not in checker.tags
    assert EVIL in checker.text
    assert not re.search(r"https?://", page)


def test_the_page_of_a_usual_run_is_small(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, classes=10, epochs=100)
    assert len(read(folder)[0].encode()) < 150_000


def test_the_page_stays_small_with_a_thousand_classes_and_epochs(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, classes=1000, epochs=1000)
    page, checker = read(folder)
    assert len(page.encode()) < 300_000
    assert "Most frequent confusions" in checker.text
    assert "The 100 weakest of 1000 classes" in checker.text


@pytest.mark.parametrize("state", ["failed", "interrupted", "running"])
def test_a_run_that_has_hardly_begun_has_a_page(tmp_path: Path, state: Any) -> None:
    folder = RunFolder.create(tmp_path / "runs", "young")
    folder.set_state(RunState(state, reason="the loss became NaN" if state == "failed" else ""))
    _, checker = read(folder)
    assert state in checker.text and "svg" not in checker.tags
    assert ("the loss became NaN" in checker.text) == (state == "failed")


def test_a_damaged_file_costs_only_its_own_part(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    folder.environment.write_text('{"python": ')
    (folder.path / "evaluation-validation.json").write_text("[]")
    _, checker = read(folder)
    assert "Learning curves" in checker.text and "Environment" not in checker.text


def test_values_that_are_not_finite_are_gaps(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "runs", "diverged")
    history = History(folder.path)
    for epoch, loss in enumerate([1.0, 2.0, float("nan")], 1):
        history.rows.append({"epoch": epoch, "loss": loss})
    history.write()
    folder.set_state(RunState("failed", reason="diverged"))
    page, checker = read(folder)
    assert checker.tags.count("circle") == 2 and "nan" not in page.lower().replace("finance", "")


def test_long_class_names_stand_upright_and_empty_facts_are_left_out() -> None:
    assert 'class="confusion upright"' in confusion(["airplane", "bird"], [[1, 0], [0, 1]])
    assert 'class="confusion"' in confusion(["0", "1"], [[1, 0], [0, 1]])
    assert "skipped" not in pairs([("sources", {"size": 3, "skipped": []})])


def test_labels_have_a_table_of_their_own(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)

    def score(name: str, auc: float | None) -> dict[str, object]:
        shares = {"precision": 0.9, "recall": 0.8, "f1": 0.85, "average_precision": 0.77}
        return {"name": name, **shares, "auc": auc, "support": 20}

    found = {
        "threshold": 0.25,
        "subset_accuracy": 0.625,
        "hamming_loss": 0.125,
        "macro": score("macro", 0.75),
        "micro": score("micro", 0.5),
        "labels": [score(EVIL, 0.9375), score("sea", None)],
    }
    evaluation = {"split": "test", "size": 16, "metrics": {"loss": 0.5}, "multi_label": found}
    (folder.path / "evaluation-test.json").write_text(json.dumps(evaluation))
    page, checker = read(folder)
    for wanted in ("By label", "average precision", "0.938", "macro average", "subset accuracy"):
        assert wanted in checker.text
    assert "above a probability of 0.25" in checker.text and "0.625" in checker.text
    assert "<td>-</td>" in page  # the AUC of a label that nobody has
    assert EVIL in checker.text and "<img" not in page
