"""CSV: columns, targets, what is learned and from whom, oddities of files, and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.data import read_rows, rebuild_preprocessing

from .conftest import everything, feature, opened, refused, section, source

ROWS = "".join(
    f"{i % 7}.5,{'xyz'[i % 3]},{'true' if i % 2 else 'false'},{'ab'[i % 2]}\n" for i in range(40)
)
TABLE = "size,kind,big,label\n" + ROWS


def table(tmp_path: Path, text: str | bytes, **arguments: Any) -> tuple[Path, dict[str, Any]]:
    """Writes a CSV; gives its folder and the arguments of its source."""
    content = text.encode() if isinstance(text, str) else text
    (tmp_path / "t.csv").write_bytes(content)
    return tmp_path, {"path": "t.csv", "target": "label", **arguments}


def open_table(tmp_path: Path, text: str | bytes, **arguments: Any) -> Any:
    root, given = table(tmp_path, text, **arguments)
    return opened(root, section("CSV", given, shuffle=False))


def wrong(tmp_path: Path, text: str | bytes, **arguments: Any) -> list[str]:
    root, given = table(tmp_path, text, **arguments)
    return refused(root, section("CSV", given))


def kinds(bundle: Any) -> dict[str, str]:
    return {item["column"]: item["kind"] for item in bundle.manifest["reading"]["features"]}


def test_columns_are_recognized(tmp_path: Path) -> None:
    bundle, findings = open_table(tmp_path, TABLE, ignore=("big",))
    assert kinds(bundle) == {"size": "float_normalized", "kind": "string_categorical"}
    assert bundle.facts["features"] == 1 + 4, "a number, three categories and the unknown one"
    assert bundle.facts["class_names"] == ["a", "b"]
    assert bundle.target == "binary"
    assert not len(findings)


def test_a_column_that_repeats_the_target_is_a_warning(tmp_path: Path) -> None:
    _, findings = open_table(tmp_path, TABLE)
    (warning,) = findings.warnings
    assert warning.rule == "repeats-target"
    assert warning.message == "column `big` repeats the target `label` one to one"
    assert "write `ignore: [big]`" in warning.notes


def test_what_is_learned_is_learned_on_the_training_share_only(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(100, 20, 200).round(3)
    text = "n,c,label\n" + "".join(
        f"{n},{'rare' if i == 3 else 'often'},{'ab'[i % 2]}\n" for i, n in enumerate(numbers)
    )
    root, given = table(tmp_path, text)
    bundle, _ = opened(root, section("CSV", given, validation=0.5))
    inputs, _ = everything(bundle.train)
    assert np.allclose(inputs[:, 0].mean(), 0, atol=1e-5)
    assert np.allclose(inputs[:, 0].std(), 1, atol=1e-5)
    learned = bundle.manifest["reading"]["features"]
    raw = inputs[:, 0] * learned[0]["scale"] + learned[0]["offset"]
    assert np.isclose(raw.mean(), learned[0]["offset"], atol=1e-3)
    assert not np.isclose(learned[0]["offset"], numbers.mean(), atol=1e-3)
    everywhere = {"often", "rare"}
    in_training = {"often"} | ({"rare"} if np.isclose(raw, numbers[3], atol=1e-3).any() else set())
    assert set(learned[1]["vocabulary"]) == in_training <= everywhere


def test_missing_values(tmp_path: Path) -> None:
    text = "n,c,label\n" + "".join(
        f"{'' if i % 5 == 0 else i},{'NA' if i % 4 == 0 else 'x'},{'ab'[i % 2]}\n"
        for i in range(20)
    )
    bundle, _ = open_table(tmp_path, text)
    inputs, _ = everything(bundle.train)
    present = np.array([i for i in range(20) if i % 5])
    assert np.isfinite(inputs).all()
    assert inputs[0, 0] == 0, "a missing number becomes the mean"
    assert np.isclose(inputs[1, 0], (1 - present.mean()) / present.std())
    assert inputs[:, 1].tolist() == [float(i % 5 == 0) for i in range(20)]
    assert bundle.manifest["reading"]["features"][1]["vocabulary"] == ["", "x"]
    dropped, findings = open_table(tmp_path, text, missing="drop")
    assert dropped.train.size == sum(1 for i in range(20) if i % 5 and i % 4)
    assert "8 of 20 rows have missing values" in findings.warnings[0].message
    assert wrong(tmp_path, text, missing="error") == [
        "missing-values: column `n` lacks 4 of 20 values, the first in line 2",
        "missing-values: column `c` lacks 5 of 20 values, the first in line 2",
    ]


def test_explicit_features(tmp_path: Path) -> None:
    text = "n,i,s,h,f,label\n" + "".join(
        f"{i},{i % 3},{'pqr'[i % 3]},w{i},{i * 2},{'ab'[i % 2]}\n" for i in range(24)
    )
    features = {
        "n": feature("float_discretized", num_bins=4),
        "i": feature("integer_categorical"),
        "s": feature("string_categorical", max_tokens=2),
        "h": feature("string_hashed", num_bins=5),
        "f": feature("float_rescaled"),
    }
    bundle, _ = open_table(tmp_path, text, features=features)
    inputs, _ = everything(bundle.train)
    ranges, whole, strings = inputs[:, :4], inputs[:, 4:8], inputs[:, 8:11]
    assert ranges.sum(0).tolist() == [6, 6, 6, 6], "as many rows in every range"
    assert whole.sum(0).tolist() == [0, 8, 8, 8]
    assert strings.sum(0).tolist() == [8, 8, 8], "the third category counts as unknown"
    assert (inputs[:, 11:16].sum(1) == 1).all()
    assert np.allclose(inputs[:, 16], np.arange(24) / 23)
    assert inputs.shape[1] == 17 == bundle.facts["features"]


def test_regression(tmp_path: Path) -> None:
    text = "n,label\n" + "".join(f"{i}.5,{i * i / 2}\n" for i in range(30))
    bundle, _ = open_table(tmp_path, text)
    _, targets = everything(bundle.train)
    assert (bundle.target, targets.shape, targets.dtype) == ("number", (30, 1), np.float32)
    assert "classes" not in bundle.facts
    assert np.isclose(bundle.facts["target_mean"], targets.mean())
    assert np.isclose(bundle.facts["target_std"], targets.std())


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\n\n").encode(),
        TABLE.replace("x", '"x"').replace("size", '"size"').encode(),
    ],
    ids=["BOM", "CRLF", "blank lines", "quotes"],
)
def test_oddities_change_nothing(text: bytes, tmp_path: Path) -> None:
    expected = everything(open_table(tmp_path, TABLE)[0].train)
    found = everything(open_table(tmp_path, text)[0].train)
    assert np.array_equal(found[0], expected[0])
    assert np.array_equal(found[1], expected[1])


def test_quotes_hold_delimiters_and_line_ends(tmp_path: Path) -> None:
    text = TABLE.replace("x", '"a, ""b""\nc"')
    bundle, _ = open_table(tmp_path, text)
    vocabulary = bundle.manifest["reading"]["features"][1]["vocabulary"]
    assert vocabulary == ['a, "b"\nc', "y", "z"]


def test_another_delimiter(tmp_path: Path) -> None:
    text = TABLE.replace(",", ";")
    bundle, _ = open_table(tmp_path, text, delimiter=";")
    assert bundle.facts["classes"] == 2
    assert (
        "unknown-column" in wrong(tmp_path, text)[0] or "single-column" in wrong(tmp_path, text)[0]
    )


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        (TABLE, {"target": "lable"}, "unknown-column: there is no column `lable`"),
        (TABLE, {"ignore": ("sise",)}, "unknown-column: there is no column `sise`"),
        (
            TABLE + "1,x,true\n",
            {},
            "ragged-row: line 42 of t.csv has 3 values, the header names 4 columns",
        ),
        (
            "a,b,a,label\n1,2,3,x\n",
            {},
            "duplicate-column: columns 1 and 3 of t.csv are both named `a`",
        ),
        (
            b"n,label\n1,gr\xfcn\n",
            {},
            "not-utf-8: line 2 of t.csv is not UTF-8 text (byte 0xfc); save it as UTF-8, for "
            "example with `iconv -f WINDOWS-1252 -t UTF-8 t.csv`",
        ),
        (
            b"n,label\n1,a\0\n",
            {},
            "not-text: line 2 of t.csv holds a NUL byte; this is no text file",
        ),
        ("", {}, "no-header: t.csv is empty; its first line is to name the columns"),
        ("n,label\n", {}, "no-rows: t.csv has a header and no rows"),
        (
            'n,label\n1,a\n"2,b\n',
            {},
            "malformed-row: the row that begins in line 3 cannot be read: a quote is not closed",
        ),
        (
            "n,label\n1,a\n2,\n3,b\n",
            {},
            "missing-target: the target `label` is missing in 1 of 3 rows (line 3)",
        ),
        (
            "n,label\n1,a\n2,a\n3,a\n",
            {},
            "constant-target: the target `label` is `a` in every row, so there is nothing to learn",
        ),
        (
            'n,label\n1,a\n"2,5",b\n3,b\n',
            {"features": {"n": feature("float")}},
            "wrong-value: column `n` has `2,5` in line 3, but `float` takes a number",
        ),
        (
            "n,label\n1,a\n1e400,b\n3,b\n",
            {"features": {"n": feature("float")}},
            "wrong-value: column `n` has `1e400` in line 3, but `float` takes a number",
        ),
        (
            "n,label\n1,a\n2,b\n3,c\n",
            {"classes": ("a", "b")},
            "unknown-class: the target `label` is `c` in line 4, which is not among the classes",
        ),
        (
            TABLE,
            {"features": {"label": feature("float")}},
            "target-is-a-feature: column `label` is the target and cannot be a feature as well",
        ),
        (
            TABLE,
            {"features": (feature("float"),)},
            "features-without-columns: `features` is a list of words, expected each column with "
            "its word",
        ),
        (
            "n,label\n1,a\n2,b\n",
            {"target_kind": "number"},
            "wrong-value: the target `label` is `a` in line 2, which is not a number",
        ),
    ],
)
def test_what_is_wrong_is_said(
    text: str | bytes, arguments: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    assert wrong(tmp_path, text, **arguments)[0] == expected


def test_a_number_that_float32_cannot_hold_is_no_infinity(tmp_path: Path) -> None:
    text = "n,label\n" + "".join(f"{i}.5,{'ab'[i % 3 == 0]}\n" for i in range(20)) + "1e39,a\n"
    assert wrong(tmp_path, text)[0] == (
        "wrong-value: column `n` has `1e39` in line 22, but `float_normalized` takes a number"
    )


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        ("inf", "column `n` is taken for text: `inf` in line 4 is no finite number, nearly all"),
        ("2,5", "column `n` is taken for text: its numbers have decimal commas, such as `0.5`"),
    ],
)
def test_a_column_of_numbers_with_an_odd_one_is_a_warning(
    odd: str, expected: str, tmp_path: Path
) -> None:
    rows = [f'"{odd if i == 2 else i % 12 + 0.5}",{"ab"[i % 3 == 0]}' for i in range(40)]
    _, findings = open_table(tmp_path, "n,label\n" + "\n".join(rows) + "\n")
    assert [f.message[: len(expected)] for f in findings] == [expected]


def test_many_useless_columns_are_one_warning(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(300)]
    rows = [",".join(["7"] * 300) + f",{i % 7},{'ab'[i % 3 == 0]}" for i in range(30)]
    text = ",".join([*names, "n", "label"]) + "\n" + "\n".join(rows) + "\n"
    _, findings = open_table(tmp_path, text)
    (only,) = findings
    assert only.message.startswith("300 columns are left out: `c0` (it is `7` in every row), `c1`")


def test_very_many_categories_are_a_warning(tmp_path: Path) -> None:
    rows = [f"w{i // 2},{'ab'[i % 3 == 0]}" for i in range(2400)]
    _, findings = open_table(tmp_path, "word,label\n" + "\n".join(rows) + "\n")
    assert "1,200 categories" in next(iter(findings)).message


def test_a_wide_column_is_encoded_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{i % 9},{i % 7}.5,{'ab'[i % 3 == 0]}" for i in range(50)]
    text = "n,m,label\n" + "\n".join(rows) + "\n"
    whole, _ = open_table(tmp_path, text)
    monkeypatch.setattr("modelforge.data.features.model._CHUNK_BYTES", 60)
    pieces, _ = open_table(tmp_path, text)
    assert np.array_equal(everything(whole.train)[0], everything(pieces.train)[0])


def test_a_column_that_numbers_the_rows_is_left_out(tmp_path: Path) -> None:
    rows = TABLE.splitlines()
    text = "\n".join([f"id,{rows[0]}", *(f"{i},{row}" for i, row in enumerate(rows[1:]))])
    bundle, findings = open_table(tmp_path, text, ignore=("big",))
    assert "id" not in kinds(bundle)
    assert findings.warnings[0].message == (
        "column `id` is left out: it names the rows (nearly every value is another)"
    )


def test_validation_file_uses_what_training_learned(tmp_path: Path) -> None:
    root, given = table(tmp_path, TABLE, ignore=("big",))
    (root / "v.csv").write_text("label,kind,size\nb,new,3.5\na,x,6.5\n", encoding="utf-8")
    other = source("CSV", {"path": "v.csv", "target": "label"})
    bundle, _ = opened(root, section("CSV", given, validation=other, batch_size=2))
    inputs, targets = everything(bundle.validation)
    assert targets.tolist() == [1, 0]
    assert inputs[0, 1:].tolist() == [1, 0, 0, 0], "a category never seen counts as unknown"
    learned = bundle.manifest["reading"]["features"][0]
    assert np.isclose(inputs[0, 0], (3.5 - learned["offset"]) / learned["scale"])


def test_new_rows_are_read_as_in_training_from_the_manifest_alone(tmp_path: Path) -> None:
    root, given = table(tmp_path, TABLE)
    bundle, _ = opened(root, section("CSV", given, shuffle=False))
    manifest = json.loads(json.dumps(bundle.manifest))
    (root / "new.csv").write_text("big,size,kind\ntrue,1.5,y\nfalse,0.5,x\n", encoding="utf-8")
    raw = read_rows(root / "new.csv", manifest)
    found = np.asarray(rebuild_preprocessing(manifest)(raw)["input"])
    assert np.allclose(found, everything(bundle.train)[0][[1, 0]], atol=1e-6)


REAL = {
    "titanic": ("survived", 35, 1, ["0", "1"]),
    "penguins": ("species", 16, 0, ["Adelie", "Chinstrap", "Gentoo"]),
    "diamonds": ("price", 29, 0, None),
}


@pytest.mark.parametrize("name", REAL)
def test_real_tables(name: str, real_data: Path) -> None:
    target, least, warnings, classes = REAL[name]
    data = section("CSV", {"path": f"{name}.csv", "target": target}, validation=0.2, batch_size=64)
    bundle, findings = opened(real_data, data)
    assert bundle.facts.get("class_names") == classes
    assert bundle.facts["features"] >= least
    assert len(findings) == warnings
    assert np.isfinite(everything(bundle.train)[0]).all()
