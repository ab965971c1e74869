"""Images that a table names, and whatever it says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.spec import DataSection

from .conftest import everything, opened, refused, section, source, write_image


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Eight pictures in nested folders, the table beside them in another order."""
    for number in range(8):
        write_image(path_of(tmp_path, number), np.full((4, 4, 3), 20 * number, dtype=np.uint8))
    table(tmp_path, [f"{number // 4}/{number},{row}" for number, row in reversed(ROWS)])
    return tmp_path


ROWS = list(
    enumerate(
        ["a;b,1.5,up", ",2,up", "b,3,down", "a,4,up", "c;a,5,down", ",6,up", "c,7,up", "b,8,up"]
    )
)


def path_of(folder: Path, number: int) -> Path:
    return folder / "photos" / str(number // 4) / f"{number}.png"


def table(folder: Path, rows: list[str], head: str = "file,tags,age,way") -> None:
    (folder / "labels.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def images(target: Any = "tags", kind: str = "multi_label", **arguments: Any) -> dict[str, Any]:
    given = {"path": "photos", "table": "labels.csv", "target": target, "target_kind": kind}
    return {**given, **arguments}


def of(word: str, arguments: dict[str, Any], **changed: Any) -> DataSection:
    return section(word, arguments, **{"batch_size": 2, **changed})


def test_labels_of_images(photos: Path) -> None:
    bundle, findings = opened(photos, of("ImageFolder", images(), shuffle=False))
    pixels, targets = everything(bundle.train)
    assert pixels[:, 0, 0, 0].tolist() == [20 * n for n in range(7, -1, -1)]  # as the rows come
    assert targets[-1].tolist() == [1, 1, 0] and targets[0].tolist() == [0, 1, 0]
    assert bundle.facts["class_names"] == ["a", "b", "c"]
    assert bundle.facts["class_counts"] == [3, 3, 2]
    assert bundle.manifest["reading"]["kind"] == "images"
    assert not list(findings)


def test_a_class_and_a_number_of_images(photos: Path) -> None:
    named = {"kind": "way", "age": "age"}
    given = images(named, "auto")
    bundle, _ = opened(photos, of("ImageFolder", given, validation=0.25))
    assert {name: it.kind for name, it in bundle.targets.items()} == {
        "kind": "binary",
        "age": "number",
    }
    origin = bundle.manifest["sources"]["train"]
    assert origin["images_by_class"] == {"down": 2, "up": 6}


def test_images_that_the_table_does_not_name_are_not_read(photos: Path) -> None:
    (photos / "photos" / "broken.jpg").write_bytes(b"no image")
    table(photos, ["0/1.png,a;b,1,up", "1/4.png,b,2,up", "0/2.png,,3,up"])
    bundle, _ = opened(photos, of("ImageFolder", images()))
    assert bundle.train.size == 3


def test_the_column_of_names_can_be_chosen(photos: Path) -> None:
    table(photos, ["a;b,0/1", "b,1/4", ",0/2"], "tags,photo")
    bundle, _ = opened(photos, of("ImageFolder", images(image_column="photo")))
    assert bundle.train.size == 3


def test_other_tables_are_other_data(photos: Path) -> None:
    given = of("ImageFolder", images())
    before = opened(photos, given)[0].manifest["sources"]["train"]["fingerprint"]
    table(photos, [f"{number // 4}/{number},{row}" for number, row in ROWS])
    assert opened(photos, given)[0].manifest["sources"]["train"]["fingerprint"] != before


def test_validation_has_a_table_of_its_own(photos: Path) -> None:
    (photos / "more.csv").write_text("file,tags\n0/1,b; c\n0/2,d\n", encoding="utf-8")
    other = source("ImageFolder", images(table="more.csv"))
    data = of("ImageFolder", images(), validation=other)
    assert refused(photos, data) == [
        "unknown-class: the target `tags` has `d` in line 3, which is not among the labels"
    ]


@pytest.mark.parametrize(
    ("rows", "arguments", "expected"),
    [
        (
            ["0/0,a;b,1,x", "0/0.png,b,1,x"],
            {},
            "duplicate-image: lines 2 and 3 of the table both name `0/0.png`",
        ),
        (["0/0,a;b,1,x", ",b,1,x"], {}, "missing-image: line 3 of the table names no image"),
        (
            ["00,a;b,1,x", "01,b,1,x"],
            {},
            "no-images: none of the 2 images that the column `file` names is in this folder",
        ),
        (
            ["0/0,a;b,1,x", "0/9.png,b,1,x"],
            {},
            "unreadable-image: 1 image of 2 cannot be read",
        ),
        (["0/0,a;b,1,x"], {"image_column": "name"}, "unknown-column: there is no column `name`"),
        (
            ["0/0,a;b,1,x"],
            {"target": "file"},
            "target-is-a-feature: column `file` names the images and cannot be the target",
        ),
        (
            ["0/0,a;b,1,x"],
            {"table": "labels.txt"},
            "path-not-found: there is no file or folder `labels.txt`",
        ),
    ],
)
def test_what_is_wrong_is_said(
    rows: list[str], arguments: dict[str, Any], expected: str, photos: Path
) -> None:
    table(photos, rows)
    assert refused(photos, of("ImageFolder", images(**arguments))) == [expected]


def test_images_that_are_not_there_can_be_left_out(photos: Path) -> None:
    table(photos, ["0/0,a;b,1,x", "0/9.png,b,1,x", "0/1,,1,x"])
    given = images(on_unreadable="skip")
    bundle, findings = opened(photos, of("ImageFolder", given, shuffle=False))
    assert everything(bundle.train)[1].tolist() == [[1, 1], [0, 0]]
    (found,) = findings
    assert found.rule == "skipped-images" and "0/9.png" in found.notes[0]
