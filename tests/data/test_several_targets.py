"""Several targets by name, and inputs that are their own targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.spec import Object

from .conftest import SPAN, opened, refused, section

COUNT = 40
KINDS = np.arange(COUNT) % 4 // 3  # three quarters are 0
BOXES = np.arange(COUNT * 4, dtype=np.float64).reshape(COUNT, 4)
X = np.arange(COUNT * 2, dtype=np.float32).reshape(COUNT, 2)


def target(word: str, **arguments: Any) -> Object:
    return Object("target", word, arguments, SPAN)


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    np.savez(tmp_path / "a.npz", x=X, label=KINDS, boxes=BOXES, size=BOXES[:, 0])
    return tmp_path


def npz(named: Any, **changed: Any) -> Any:
    arguments = {"path": "a.npz", **({"target": named} if named else {})}
    return section("NPZ", arguments, batch_size=10, **changed)


def test_arrays_by_the_names_of_outputs(shapes: Path) -> None:
    named = {"kind": "label", "box": "boxes", "size": target("number")}
    bundle, _ = opened(shapes, npz(named, shuffle=False))
    _, targets = next(iter(bundle.train.batches()))
    assert targets["kind"].numpy().tolist() == KINDS[:10].tolist()
    assert targets["box"].numpy().tolist() == BOXES[:10].tolist()
    assert targets["size"].numpy().tolist() == BOXES[:10, :1].tolist()
    assert {name: it.kind for name, it in bundle.targets.items()} == {
        "kind": "binary",
        "box": "array",
        "size": "number",
    }
    assert bundle.facts["targets.kind.class_counts"] == [30, 10]
    assert bundle.facts["targets.size.target_mean"] == BOXES[:, 0].mean()
    assert "classes" not in bundle.facts


def test_shares_are_stratified_by_the_first_target_with_classes(shapes: Path) -> None:
    bundle, _ = opened(shapes, npz({"box": "boxes", "kind": "label"}, validation=0.3, test=0.1))
    for split, rare in ((bundle.validation, 3), (bundle.test, 1), (bundle.train, 6)):
        labels = np.concatenate([y["kind"].numpy() for _, y in split.batches()])
        assert (labels == 1).sum() == rare


def test_a_number_may_be_whole(shapes: Path) -> None:
    bundle, _ = opened(shapes, npz({"kind": target("number", **{"from": "label"})}))
    assert bundle.targets["kind"].kind == "number"


def test_classes_have_the_names_that_are_given(shapes: Path) -> None:
    named = {"kind": target("classes", **{"from": "label", "names": ("round", "square")})}
    bundle, _ = opened(shapes, npz(named))
    assert bundle.facts["targets.kind.class_names"] == ["round", "square"]
    (told,) = bundle.manifest["targets"]
    assert (told["output"], told["classes"]) == ("kind", ["round", "square"])


def test_every_array_that_is_missing_is_named(shapes: Path) -> None:
    assert refused(shapes, npz({"kind": "labels", "box": "bax"})) == [
        "unknown-array: there is no array `labels` in a.npz",
        "unknown-array: there is no array `bax` in a.npz",
    ]


ROWS = "".join(f"{n % 7}.5,{'mf'[n % 2]},{n * 1.5},{'abc'[n % 3]}\n" for n in range(60))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "table.csv").write_text("x,sex,age,port\n" + ROWS, encoding="utf-8")
    return tmp_path


def test_columns_by_name(table: Path) -> None:
    data = section("CSV", {"path": "table.csv", "target": ("sex", "age")}, validation=0.2)
    bundle, _ = opened(table, data)
    assert bundle.facts["features"] == 1 + 4  # x, and port with one for unknown values
    assert bundle.facts["targets.sex.class_names"] == ["f", "m"]
    assert bundle.facts["targets.age.target_std"] > 0
    assert list(bundle.targets) == ["sex", "age"]


def test_validation_has_the_classes_of_training(table: Path) -> None:
    (table / "more.csv").write_text("x,sex,age,port\n1.5,f,3,a\n2.5,x,4,b\n", encoding="utf-8")
    named = ("sex", "age")
    data = section(
        "CSV",
        {"path": "table.csv", "target": named},
        validation=Object("source", "CSV", {"path": "more.csv", "target": named}, SPAN),
    )
    assert refused(table, data) == [
        "unknown-class: the target `sex` is `x` in line 3, which is not among the classes"
    ]


def test_a_target_is_no_feature(table: Path) -> None:
    features = {
        "x": Object("feature", "float", {}, SPAN),
        "age": Object("feature", "float", {}, SPAN),
    }
    data = section("CSV", {"path": "table.csv", "target": ("sex", "age"), "features": features})
    assert refused(table, data)[0].startswith("target-is-a-feature: column `age`")


def test_the_input_is_its_own_target(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Digits", validation=0.2, target="inputs"))
    inputs, targets = next(iter(bundle.train.batches()))
    assert np.array_equal(inputs, targets)
    assert bundle.targets[""].shape == (8, 8, 1)
    assert "classes" not in bundle.facts
    # The classes decide the shares all the same: they are those of a classifier on this data.
    other, _ = opened(tmp_path, section("Digits", validation=0.2))
    assert other.validation.size == bundle.validation.size


def test_the_target_is_the_input_before_augmentation(tmp_path: Path) -> None:
    import keras

    noise = [keras.layers.Dropout(0.5, seed=1)]
    bundle, _ = opened(tmp_path, section("Digits", target="inputs"), augment=noise)
    clean, _ = opened(tmp_path, section("Digits", target="inputs"))
    (inputs, targets), (expected, _) = (next(iter(it.train.batches())) for it in (bundle, clean))
    assert np.array_equal(targets, expected)
    assert not np.allclose(inputs, targets)


def test_one_output_learns_the_input_and_the_others_the_target(tmp_path: Path) -> None:
    bundle, _ = opened(tmp_path, section("Digits", target={"decoded": "inputs"}))
    inputs, targets = next(iter(bundle.train.batches()))
    assert np.array_equal(inputs, targets["decoded"])
    assert targets[""].shape == (8,)
    assert bundle.facts["classes"] == 10


def test_nothing_needs_a_target_where_inputs_are_learned(table: Path) -> None:
    bundle, _ = opened(table, section("CSV", {"path": "table.csv"}, target="inputs"))
    inputs, targets = next(iter(bundle.train.batches()))
    assert np.array_equal(inputs, targets)
    np.savez(table / "x.npz", x=X)
    bundle, _ = opened(table, section("NPZ", {"path": "x.npz"}, target="inputs"))
    assert bundle.targets[""].shape == (2,)


def test_several_inputs_are_learned_by_name(shapes: Path) -> None:
    arguments = {"path": "a.npz", "inputs": ("x", "boxes")}
    learned = {"x_again": "x", "boxes_again": "boxes"}
    bundle, _ = opened(shapes, section("NPZ", {**arguments, "target": "size"}, target=learned))
    inputs, targets = next(iter(bundle.train.batches()))
    assert np.array_equal(inputs["boxes"], targets["boxes_again"])
    assert np.array_equal(inputs["x"], targets["x_again"])


def test_real_penguins(real_data: Path) -> None:
    from modelforge.findings import Findings
    from modelforge.train.prepare import prepare_model

    spec = Path(__file__).parents[2] / "specs" / "penguins-multitask.yaml"
    prepared = prepare_model(str(spec), [f"vars.table={real_data / 'penguins.csv'}"], Findings())
    assert prepared.bundle.facts["targets.species.class_names"] == ["Adelie", "Chinstrap", "Gentoo"]
    assert (prepared.bundle.train.size, prepared.bundle.validation.size) == (266, 67)
    assert prepared.bundle.facts["targets.mass.target_mean"] == pytest.approx(4207, abs=60)
