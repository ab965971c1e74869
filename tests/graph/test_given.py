"""What is told of data before it is opened is what opening it finds, source by source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from modelforge.catalog import load_catalog
from modelforge.catalog.naming import MAIN
from modelforge.data import open_data
from modelforge.document import parse
from modelforge.findings import Findings, Source
from modelforge.graph import Given
from modelforge.graph.look import look
from modelforge.sniff.contents import BUNDLED, KERAS_DATASETS
from modelforge.spec import DataSection, read_spec

SHARES = (
    "",
    "validation: 0.2",
    "{validation: 0.15, test: 0.3}",
    "{test: 0.97}",
    "{validation: 0.1, batch_size: 7}",
    "{batch_size: all}",
)


def section(source: str, more: str) -> DataSection:
    given = [
        more.removeprefix("{").removesuffix("}") if "target" not in more else more,
        "" if "batch_size" in more else "batch_size: 3",
    ]
    rest = "".join(f", {part}" for part in given if part)
    text = f"data: {{train: {source}{rest}}}\nmodel: {{layers: [Flatten]}}\n"
    root = parse(Source("spec.yaml", text), Findings())
    assert root is not None
    data = read_spec(root, load_catalog()).data
    assert data is not None
    return data


def compare(source: str, more: str, root: Path) -> Given:
    """What is told; everything in it is what the opened data says."""
    data = section(source, more)
    told = look(data, root)
    opened = open_data(data, root, Findings()).given
    assert told.shapes in ({}, opened.shapes)
    assert told.dtypes.items() <= opened.dtypes.items()
    assert told.target in ("", opened.target)
    assert {key: opened.facts.get(key) for key in told.facts} == told.facts
    for name, target in told.targets.items():
        found = opened.targets[name]
        assert target.kind in ("", found.kind) and target.shape in (None, found.shape)
        assert {key: found.facts.get(key) for key in target.facts} == target.facts
    return told


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_set_is_told_whole(name: str, tmp_path: Path) -> None:
    for more in SHARES:
        told = compare(name, more, tmp_path)
        assert told.target
        assert {"size", "steps_per_epoch", "shape", "classes", "class_names"} <= told.facts.keys()
        assert (told.facts["classes"] is None) == (name == "Diabetes")


@pytest.mark.parametrize(("name", "subset"), KERAS_DATASETS)
def test_a_set_of_keras(
    name: str, subset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts() -> Any:
        return tuple(made(name, KERAS_DATASETS[name, part]) for part in ("train", "test"))

    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", parts)
    told = compare(
        f"{{KerasDataset: {{name: {name}, subset: {subset}}}}}", "validation: 0.1", tmp_path
    )
    assert "steps_per_epoch" in told.facts


def made(name: str, contents: Any) -> tuple[np.ndarray, np.ndarray]:
    """Arrays as `load_data` gives them: images of bytes, labels in a column in some sets."""
    if not contents.counts:
        return np.zeros((contents.size, *contents.shape), "float32"), np.ones(contents.size)
    shape = contents.shape[:2] if contents.shape[2] == 1 else contents.shape
    labels = np.repeat(np.arange(len(contents.counts)), contents.counts).astype("uint8")
    images = np.zeros((contents.size, 1, 1, *shape[2:]), "uint8")
    images = np.broadcast_to(images, (contents.size, *shape))
    return images, labels[:, np.newaxis] if name.startswith("cifar") else labels


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def save(**arrays: np.ndarray) -> Path:
        np.savez(tmp_path / "arrays.npz", **arrays)
        return tmp_path

    return save


@pytest.mark.parametrize("kind", ["uint8", "int32", "int64", "uint64", "float64", "bool", "<U3"])
def test_an_archive_tells_shapes(kind: str, save: Callable[..., Path]) -> None:
    array = np.ones((12, 3, 2)).astype(kind)
    root = save(x=array, y=np.arange(12) % 3)
    told = compare("{NPZ: arrays.npz}", "", root)
    assert told.shapes == {MAIN: (3, 2)}
    assert (told.target, told.facts["size"]) == ("", 12)
    assert (MAIN in told.dtypes) == (kind not in ("int32", "int64", "uint64"))
    told = compare("{NPZ: {path: arrays.npz, classes: [a, b, c]}}", "validation: 0.5", root)
    assert told.facts["classes"] == 3
    assert "size" not in told.facts  # the labels decide how many a share gets


def test_an_archive_with_several_inputs_and_a_number(save: Callable[..., Path]) -> None:
    root = save(a=np.ones((9, 2)), b=np.ones((9, 4, 1)), y=np.arange(9.0))
    told = compare("{NPZ: {path: arrays.npz, inputs: [a, b]}}", "validation: 0.5", root)
    assert told.shapes == {"a": (2,), "b": (4, 1)}
    assert told.target == "number"
    assert told.facts["size"] == 5


def test_an_archive_with_targets_by_name(save: Callable[..., Path]) -> None:
    root = save(
        x=np.ones((9, 2)),
        k=np.arange(9) % 3,
        b=np.ones((9, 4)),
        s=np.arange(9.0),
        y=np.ones((9, 2)),
    )
    sort = "{classes: {from: k, names: [a, b, c]}}"
    named = f"{{kind: k, box: b, size: s, last: {{number: k}}, sort: {sort}}}"
    told = compare(f"{{NPZ: {{path: arrays.npz, target: {named}}}}}", "validation: 0.3", root)
    kinds = {name: target.kind for name, target in told.targets.items()}
    assert kinds == {
        "kind": "",
        "box": "array",
        "size": "number",
        "last": "number",
        "sort": "classes",
    }
    assert told.facts["targets"] == list(kinds) and told.facts["classes"] is None
    assert "size" not in told.facts  # the labels of `kind` decide how many a share gets
    told = compare("{NPZ: {path: arrays.npz, target: [b, s]}}", "validation: 0.3", root)
    assert told.facts["size"] == 6
    told = compare("{NPZ: arrays.npz}", "validation: 0.3", root)
    assert told.targets[""].shape == (2,)


def test_a_table_with_targets_by_name(tmp_path: Path) -> None:
    rows = "".join(f"{number % 7}.5,{number},{'abc'[number % 3]}\n" for number in range(30))
    (tmp_path / "table.csv").write_text("x,n,y\n" + rows, encoding="utf-8")
    named = "{n: number, y: {classes: {names: [c, b, a]}}}"
    told = compare(f"{{CSV: {{path: table.csv, target: {named}}}}}", "validation: 0.2", tmp_path)
    assert [target.kind for target in told.targets.values()] == ["number", "classes"]
    assert told.facts["targets.y.classes"] == 3


@pytest.mark.parametrize("target", ["inputs", "{again: inputs}"])
@pytest.mark.parametrize("source", ["Digits", "Diabetes", "{NPZ: {path: arrays.npz, inputs: y}}"])
def test_inputs_as_targets(source: str, target: str, save: Callable[..., Path]) -> None:
    root = save(y=np.ones((9, 3)))
    told = compare(source, f"target: {target}", root)
    name = "" if target == "inputs" else "again"
    assert (told.targets[name].kind, len(told.targets)) == ("array", 1 if name == "" else 2)
    assert told.targets[name].shape == next(iter(told.shapes.values()))


def test_labels_in_a_column(save: Callable[..., Path]) -> None:
    root = save(x=np.ones((8, 2)), y=np.arange(8)[:, np.newaxis] % 2)
    told = compare("{NPZ: {path: arrays.npz, classes: 2}}", "", root)
    assert (told.target, told.facts["class_names"]) == ("binary", ["0", "1"])


def test_a_table_tells_the_classes_that_are_written(tmp_path: Path) -> None:
    rows = "".join(f"{number % 7}.5,{'abc'[number % 3]}\n" for number in range(30))
    (tmp_path / "table.csv").write_text("x,y\n" + rows, encoding="utf-8")
    told = compare("{CSV: {path: table.csv, target: y, classes: [c, b, a]}}", "", tmp_path)
    assert told.facts["class_names"] == ["c", "b", "a"]
    told = compare("{CSV: {path: table.csv, target: y}}", "", tmp_path)
    assert told.facts == {}


@pytest.mark.parametrize("mode", ["rgb", "grayscale", "rgba"])
def test_a_folder_of_images(mode: str, tmp_path: Path) -> None:
    image = tf.io.encode_png(np.ones((6, 5, 3), "uint8")).numpy()
    for name in ("cat", "dog", "bird"):
        (tmp_path / name).mkdir()
        for number in range(2):
            (tmp_path / name / f"{number}.png").write_bytes(image)
    (tmp_path / ".hidden").mkdir()
    written = f"path: {tmp_path}, color_mode: {mode}"
    told = compare(f"{{ImageFolder: {{{written}, image_size: [4, 7]}}}}", "", tmp_path)
    assert told.facts["class_names"] == ["bird", "cat", "dog"]
    told = compare(
        f"{{ImageFolder: {{{written}, image_size: 8, classes: [dog, cat]}}}}", "", tmp_path
    )
    assert told.target == "binary"
    told = compare(f"{{ImageFolder: {{{written}}}}}", "", tmp_path)
    assert told.shapes == {}  # the files decide it


NOT_THERE = (
    "{NPZ: nothing.npz}",
    "{NPZ: text.npz}",
    "{NPZ: {path: arrays.npz, inputs: z}}",
    "{NPZ: {path: arrays.npz, target: x0}}",
    "{ImageFolder: nothing}",
    '{ImageFolder: "a\\0b"}',
    '{NPZ: "~nobody-at-all/x.npz"}',
    "{NPZ: /dev/zero}",
)


@pytest.mark.parametrize("source", NOT_THERE)
def test_what_cannot_be_read_tells_nothing(source: str, save: Callable[..., Path]) -> None:
    root = save(x=np.ones((4, 2)), y=np.arange(4), x0=np.float64(3))
    (root / "text.npz").write_text("no archive", encoding="utf-8")
    told = look(section(source, ""), root)
    assert (told.shapes, told.target) == ({}, "")
    assert told.facts == {}


def test_a_header_that_is_no_header(tmp_path: Path) -> None:
    import zipfile

    for header in ("(" * 5_000, "{'shape': (3,)}", "{'shape': 'x', 'descr': []}", "\0"):
        with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
            text = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
            archive.writestr("x.npy", text)
            archive.writestr("y.npy", text)
        assert look(section("{NPZ: odd.npz}", ""), tmp_path).shapes == {}


def test_labels_of_a_table(tmp_path: Path) -> None:
    rows = "".join(f"{n % 7}.5,{'a;b' if n % 2 else ''},{n % 2},{n % 3 // 2}\n" for n in range(30))
    (tmp_path / "table.csv").write_text("x,tags,p,q\n" + rows, encoding="utf-8")
    told = compare(
        "{CSV: {path: table.csv, target: tags, target_kind: multi_label}}",
        "validation: 0.2",
        tmp_path,
    )
    assert (told.target, told.facts["target_mean"]) == ("multi_label", None)
    assert "classes" not in told.facts  # the cells decide it
    columns = "{CSV: {path: table.csv, target: [q, p], target_kind: multi_label, ignore: [tags]}}"
    told = compare(columns, "validation: 0.2", tmp_path)
    assert told.facts["class_names"] == ["q", "p"]
    assert told.targets[""].shape == (2,)
    named = "{t: {multi_label: {from: tags, names: [b, a]}}, p: {multi_label: {from: [p, q]}}}"
    told = compare(f"{{CSV: {{path: table.csv, target: {named}}}}}", "", tmp_path)
    assert told.facts["targets.t.class_names"] == ["b", "a"]
    assert told.facts["targets.p.classes"] == 2


def test_labels_of_an_archive(save: Callable[..., Path]) -> None:
    root = save(x=np.ones((9, 2)), y=np.arange(27).reshape(9, 3) % 2, k=np.arange(9) % 3)
    for shares in SHARES[:3]:
        told = compare("{NPZ: {path: arrays.npz, target_kind: multi_label}}", shares, root)
        assert told.facts["classes"] == 3
        assert "size" in told.facts  # labels do not stratify the shares
    named = "{tags: {multi_label: {from: y, names: [a, b, c]}}, kind: k}"
    told = compare(f"{{NPZ: {{path: arrays.npz, target: {named}}}}}", "validation: 0.3", root)
    assert told.facts["targets.tags.class_names"] == ["a", "b", "c"]
    assert "size" not in told.facts  # the classes of `kind` do


def test_images_of_a_table(tmp_path: Path) -> None:
    image = tf.io.encode_png(np.ones((6, 5, 3), "uint8")).numpy()
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(image)
    (tmp_path / "t.csv").write_text("file,tags,n\n0,a;b,1.5\n1,,2\n2,b,3\n3,a,4\n", "utf-8")
    given = f"path: {tmp_path}, table: t.csv, image_size: [4, 7]"
    labels = f"{{ImageFolder: {{{given}, target: tags, target_kind: multi_label}}}}"
    told = compare(labels, "", tmp_path)
    assert (told.target, told.shapes) == ("multi_label", {MAIN: (4, 7, 3)})
    named = f"{{ImageFolder: {{{given}, target: {{age: {{number: n}}}}}}}}"
    told = compare(named, "", tmp_path)
    assert told.targets["age"].kind == "number"
