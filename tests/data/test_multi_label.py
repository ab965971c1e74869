"""Targets of which a sample has any number of labels: read, checked, told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from modelforge.data.split import divide
from modelforge.sniff.labels import other_separator, split_labels
from modelforge.spec import DataSection, Object

from .conftest import SPAN, everything, opened, refused, section, source

TAGS = ["beach;sunset", "", " people ; beach;", "sunset", "people;people", "beach"]
EXPECTED = [[1, 0, 1], [0, 0, 0], [1, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]]  # sorted


def write(folder: Path, cells: list[str], head: str = "tags", name: str = "rows.csv") -> None:
    # 0.5 keeps the number a number, and no other column repeats the labels.
    rows = [f"{n % 4}.5,{cell}" for n, cell in enumerate(cells)]
    (folder / name).write_text("\n".join([f"x,{head}", *rows]) + "\n", encoding="utf-8")


def labels(path: str = "rows.csv", target: Any = "tags", **arguments: Any) -> dict[str, Any]:
    return {"path": path, "target": target, "target_kind": "multi_label", **arguments}


def of(word: str, arguments: dict[str, Any], **changed: Any) -> DataSection:
    return section(word, arguments, **{"batch_size": 2, **changed})


BITS = st.sampled_from([0.0, 1.0])
LABELS = st.text(st.characters(exclude_characters=";", exclude_categories=("C", "Z")), min_size=1)


@given(
    st.lists(LABELS, unique=True),
    st.sampled_from(["", " ", "  "]),
    st.sampled_from([";", ";;", "; ;"]),
)
def test_labels_that_are_joined_are_found_again(
    wanted: list[str], blank: str, separator: str
) -> None:
    cell = f"{blank}{separator}{blank}".join([*wanted, ""])
    assert split_labels(cell, ";") == tuple(wanted)


@given(st.text(), st.text(min_size=1, max_size=3))
def test_whatever_a_cell_holds_becomes_labels_without_the_separator(
    cell: str, separator: str
) -> None:
    found = split_labels(cell, separator)
    assert len(set(found)) == len(found)
    assert all(label and label == label.strip() and separator not in label for label in found)


def test_one_column_lists_the_labels(tmp_path: Path) -> None:
    write(tmp_path, TAGS)
    bundle, findings = opened(tmp_path, of("CSV", labels(), shuffle=False))
    _, targets = everything(bundle.train)
    assert targets.dtype == np.float32
    assert targets.tolist() == EXPECTED
    assert bundle.target == "multi_label"
    assert bundle.facts["classes"] == 3
    assert bundle.facts["class_names"] == ["beach", "people", "sunset"]
    assert bundle.facts["class_counts"] == [3, 2, 2]
    assert bundle.manifest["targets"] == [
        {
            "output": "",
            "kind": "multi_label",
            "classes": ["beach", "people", "sunset"],
            "input": "",
        }
    ]
    assert not list(findings)


def test_columns_of_0_and_1_are_labels(tmp_path: Path) -> None:
    cells = ["1,no,0.0", "0,yes,1.0", "TRUE,no,1.0", "0,false,0.0"]
    write(tmp_path, cells, "sunset,people,beach")
    columns = ("sunset", "people", "beach")
    bundle, _ = opened(tmp_path, of("CSV", labels(target=columns), shuffle=False))
    assert everything(bundle.train)[1].tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 1], [0, 0, 0]]
    assert bundle.facts["class_names"] == ["sunset", "people", "beach"]  # as they are listed
    assert list(bundle.inputs) == ["input"] and bundle.facts["features"] == 1  # x alone
    assert bundle.manifest["reading"]["targets"] == ["sunset", "people", "beach"]


def test_numbers_are_sorted_as_numbers(tmp_path: Path) -> None:
    write(tmp_path, ["10|2", "2", "1", ""])
    bundle, _ = opened(tmp_path, of("CSV", labels(separator="|")))
    assert bundle.facts["class_names"] == ["1", "2", "10"]


def test_classes_decide_the_order(tmp_path: Path) -> None:
    write(tmp_path, TAGS)
    given = labels(classes=("sunset", "beach", "people"))
    bundle, _ = opened(tmp_path, of("CSV", given, shuffle=False))
    assert everything(bundle.train)[1][0].tolist() == [1, 1, 0]


def test_any_other_label_is_an_error_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, TAGS)
    given = labels(classes=("beach", "sunset", "peple"))
    assert refused(tmp_path, of("CSV", given)) == [
        "unknown-class: the target `tags` has `people` in line 4, which is not among the labels"
    ]


def test_validation_has_the_labels_of_training(tmp_path: Path) -> None:
    write(tmp_path, TAGS)
    write(tmp_path, ["sunset", "beach;snow"], name="more.csv")
    data = of("CSV", labels(), validation=source("CSV", labels("more.csv")))
    assert refused(tmp_path, data) == [
        "unknown-class: the target `tags` has `snow` in line 3, which is not among the labels"
    ]
    write(tmp_path, ["sunset", "beach; people"], name="more.csv")
    bundle, _ = opened(tmp_path, data)
    assert everything(bundle.validation)[1].tolist() == [[0, 0, 1], [1, 1, 0]]


def test_validation_may_have_its_label_columns_in_another_order(tmp_path: Path) -> None:
    write(tmp_path, ["1,0", "0,1", "1,1"], "a,b")
    write(tmp_path, ["1,0"], "b,a", "more.csv")
    other = source("CSV", labels("more.csv", ("b", "a")))
    bundle, _ = opened(tmp_path, of("CSV", labels(target=("a", "b")), validation=other))
    assert everything(bundle.validation)[1].tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("cells", "arguments", "expected"),
    [
        (
            ["a;b", "NA", "b"],
            {},
            "missing-target: the target `tags` is missing in 1 of 3 rows (line 3)",
        ),
        (
            ["a", "a", ""],
            {},
            "single-class: the target `tags` has 1 labels, expected at least two",
        ),
        (
            ["a;b", "a;b"],
            {},
            "constant-target: the target `tags` is the same in every row, so there is nothing to "
            "learn",
        ),
        (
            ["a;b", "a"],
            {"separator": ""},
            "separator: the separator is empty, expected such as `;`",
        ),
        (
            ["\"['a', 'b']\"", "\"['a']\""],
            {},
            "wrong-value: the target `tags` is `['a', 'b']` in line 2, a list as programs print it,"
            " expected labels such as `beach;sunset`",
        ),
        (
            ["a;b", "a"],
            {"classes": ("a", "b", "a")},
            "duplicate-class: `classes` names `a` more than once",
        ),
    ],
)
def test_what_is_wrong_is_said(
    cells: list[str], arguments: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    write(tmp_path, cells)
    assert refused(tmp_path, of("CSV", labels(**arguments))) == [expected]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            ["1,0", "2,1"],
            "wrong-value: the label column `a` is `2` in line 3, expected 0 or 1",
        ),
        (
            ["1,0", ",1"],
            "missing-target: the target `a` is missing in 1 of 2 rows (line 3)",
        ),
    ],
)
def test_what_is_wrong_with_columns_is_said(
    cells: list[str], expected: str, tmp_path: Path
) -> None:
    write(tmp_path, cells, "a,b")
    assert refused(tmp_path, of("CSV", labels(target=("a", "b")))) == [expected]


def test_a_label_without_a_column_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, ["1,0", "0,1"], "a,b")
    given = labels(target=("a", "b"), classes=("b", "a", "c"))
    assert refused(tmp_path, of("CSV", given)) == [
        "unknown-class: there is no column for the label c"
    ]


def test_rows_whose_labels_are_not_known_can_be_dropped(tmp_path: Path) -> None:
    write(tmp_path, ["a;b", "NA", "", "b"])
    bundle, findings = opened(tmp_path, of("CSV", labels(missing="drop"), shuffle=False))
    assert everything(bundle.train)[1].tolist() == [[1, 1], [0, 0], [0, 1]]  # the empty one stays
    assert "dropped-rows" in [found.rule for found in findings]


def test_another_separator_is_suggested(tmp_path: Path) -> None:
    write(tmp_path, ["beach|sunset", "sunset", "beach", "people|beach"])
    _, findings = opened(tmp_path, of("CSV", labels()))
    (found,) = [it for it in findings if it.rule == "separator"]
    assert found.notes == ('is `|` the separator? write `separator: "|"`',)
    assert other_separator(["New York", "Old Town"], ";") == ""  # each piece is there once


def test_a_label_that_never_varies_is_told(tmp_path: Path) -> None:
    write(tmp_path, ["a;b", "b", "a;b"])
    given = labels(classes=("a", "b", "c"))
    _, findings = opened(tmp_path, of("CSV", given))
    assert [found.message for found in findings if found.rule == "constant-label"] == [
        "no row of `tags` has the label c",
        "every row of `tags` has the label b",
    ]


def test_a_column_that_repeats_a_label_is_told(tmp_path: Path) -> None:
    rows = "".join(f"{n}.5,{'yn'[n % 2]},{n % 2},{int(n % 3 == 0)}\n" for n in range(9))
    (tmp_path / "rows.csv").write_text("x,twin,a,b\n" + rows, encoding="utf-8")
    _, findings = opened(tmp_path, of("CSV", labels(target=("a", "b"))))
    assert "column `twin` repeats the target `a` one to one" in [it.message for it in findings]


def target(word: str, **arguments: Any) -> Object:
    return Object("target", word, arguments, SPAN)


def test_labels_beside_a_class_which_stratifies_the_shares(tmp_path: Path) -> None:
    cells = [f"{'a b' if n % 3 else ''},{'up' if n % 4 else 'down'}" for n in range(40)]
    write(tmp_path, cells, "tags,way")
    named = {"labels": target("multi_label", **{"from": "tags", "separator": " "}), "way": "way"}
    given = {"path": "rows.csv", "target": named}
    bundle, _ = opened(tmp_path, of("CSV", given, validation=0.2))
    assert {name: it.kind for name, it in bundle.targets.items()} == {
        "labels": "multi_label",
        "way": "binary",
    }
    assert bundle.facts["targets.labels.class_names"] == ["a", "b"]
    ways = np.concatenate([y["way"].numpy() for _, y in bundle.validation.batches()])
    assert ways.tolist().count(0) == 2  # a quarter of 8, exactly


@given(
    st.integers(2, 80).flatmap(lambda n: arrays.arrays(np.float32, (n, 4), elements=BITS)),
    st.sampled_from([{"validation": 0.2}, {"validation": 0.3, "test": 0.1}, {"test": 0.5}]),
)
def test_shares_are_as_large_as_asked_for(labels: np.ndarray, shares: dict[str, float]) -> None:
    parts = divide(len(labels), labels, shares, 7)
    drawn = {name: parts.get(name) for name in ("train", *shares)}
    for name, share in shares.items():
        assert len(drawn[name]) == round(share * len(labels))
    assert sorted(np.concatenate([*drawn.values()])) == list(range(len(labels)))
    alone = divide(len(labels), labels, {**shares, "validation": 0.4}, 7)
    if "test" in shares:  # the test share stays what it is
        assert np.array_equal(alone.test, parts.test)


def test_shares_keep_the_proportions_of_the_labels() -> None:
    random = np.random.default_rng(0)
    labels = (random.random((300, 10)) < np.linspace(0.03, 0.6, 10)).astype(np.float32)
    parts = divide(300, labels, {"validation": 0.2, "test": 0.1}, 7)
    for part, share in ((parts.validation, 0.2), (parts.test, 0.1)):
        misses = np.abs(labels[part].sum(axis=0) - share * labels.sum(axis=0))
        assert (misses <= np.maximum(1, 0.02 * labels.sum(axis=0))).all()
    other = divide(300, labels, {"validation": 0.2, "test": 0.1}, 8)
    assert not np.array_equal(other.validation, parts.validation)  # the seed draws


def test_a_label_that_a_share_lacks_is_told(tmp_path: Path) -> None:
    write(tmp_path, ["rare;a", *["a", "b", "", "a;b"] * 6])
    _, findings = opened(tmp_path, of("CSV", labels(), validation=0.2))
    messages = [found.message for found in findings if found.rule == "share-lacks-a-class"]
    assert messages == ["`validation` has 5 samples and none with the label rare"]


def test_an_array_of_0_and_1(tmp_path: Path) -> None:
    values = np.array(EXPECTED, dtype=bool)
    np.savez(tmp_path / "a.npz", x=np.zeros((6, 2), np.float32), y=values)
    given = {"path": "a.npz", "target_kind": "multi_label"}
    bundle, _ = opened(tmp_path, of("NPZ", given, shuffle=False))
    assert bundle.facts["class_names"] == ["0", "1", "2"]
    assert everything(bundle.train)[1].tolist() == EXPECTED
    named = of("NPZ", {**given, "classes": ("beach", "people", "sunset")})
    assert opened(tmp_path, named)[0].facts["class_names"] == ["beach", "people", "sunset"]


@pytest.mark.parametrize(
    ("values", "classes", "expected"),
    [
        (
            [[0, 2], [1, 0]],
            None,
            "label-out-of-range: sample 0 has 2 for label 1, expected 0 or 1",
        ),
        (
            [0, 1],
            None,
            "wrong-dtype: the labels are int64 of shape [2], expected 0 and 1 of shape "
            "[samples, labels]",
        ),
        (
            [[0, 1], [1, 0]],
            ("a", "b", "c"),
            "unequal-lengths: the target has 2 columns, but there are 3 labels",
        ),
    ],
)
def test_what_is_wrong_with_an_array_is_said(
    values: Any, classes: Any, expected: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((2, 2), np.float32), y=np.array(values))
    given = {"path": "a.npz", "target_kind": "multi_label", "classes": classes}
    assert refused(tmp_path, of("NPZ", given)) == [expected]


def test_real_passengers(real_data: Path) -> None:
    columns = ("survived", "adult_male", "alone")
    given = labels("titanic.csv", columns, ignore=("alive", "who"))
    bundle, _ = opened(real_data, of("CSV", given, validation=0.2))
    counts = bundle.facts["class_counts"]
    both = [everything(split)[1].sum(axis=0) for split in (bundle.train, bundle.validation)]
    assert counts == both[0].tolist()
    assert (both[0] + both[1]).tolist() == [342, 537, 537]
