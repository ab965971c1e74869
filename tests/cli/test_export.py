"""`modelforge export`: the run's own spec decides, the command line may say otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from click.testing import Result

from modelforge.evaluate.tables import learned_features
from modelforge.export.samples import MOST
from modelforge.runs import RunFolder

Run = Callable[..., Result]


def test_training_has_exported_what_the_spec_says(table_run: RunFolder) -> None:
    record = json.loads((table_run.path / "export" / "export.json").read_text())
    (made,) = record["exports"]
    assert made["format"] == "SavedModel" and made["samples"] == MOST
    assert made["max_difference"] < 1e-5 == made["tolerance"]
    assert made["inputs"]["class_"] == {"shape": [None, 1], "dtype": "string", "data": "class"}
    assert made["inputs"]["leg_count"]["data"] == "leg count"
    assert sorted(made["outputs"]) == ["animal", "label", "scores", "top_k_labels", "top_k_scores"]
    assert made["tensors"]["input"]["shape"][1] > 3, "serve_tensor takes the encoded columns"
    assert made["class_names"] == ["dog", "hen", "spider"]
    assert made["size"] == sum(
        path.stat().st_size for path in (table_run.path / "export" / "saved_model").rglob("*.*")
    ) + sum(
        path.stat().st_size
        for path in (table_run.path / "export" / "saved_model").rglob("*")
        if path.is_file() and "." not in path.name
    )


def test_the_saved_model_takes_raw_columns(table_run: RunFolder) -> None:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(table_run.path / "export" / "saved_model"))
    outputs = loaded.signatures["serving_default"](
        class_=tf.constant([["bird"], ["never seen"]]),
        leg_count=tf.constant([[2.0], [8.0]]),
        weight=tf.constant([[5.0], [np.nan]]),
    )
    names = [name.decode() for name in loaded.signatures["class_names"]()["class_names"].numpy()]
    assert names[outputs["animal"].numpy()[0].argmax()] == "hen"
    assert outputs["label"].numpy()[0] == b"hen"
    assert np.isfinite(outputs["animal"].numpy()).all()
    record = json.loads((table_run.path / "data.json").read_text())
    assert len(learned_features(record["reading"])) == 3


def test_a_format_on_the_command_line_is_added_to_the_record(
    modelforge_command: Run, table_run: RunFolder
) -> None:
    result = modelforge_command("export", table_run.path, "keras")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Keras: ") and "on 64 samples" in result.stdout
    record = json.loads((table_run.path / "export" / "export.json").read_text())
    assert sorted(made["format"] for made in record["exports"]) == ["Keras", "SavedModel"]
    assert (table_run.path / "export" / "model.keras").exists()
    page = (table_run.path / "report.html").read_text(encoding="utf-8")
    assert "export/model.keras" in page


def test_without_a_format_in_spec_or_command_a_saved_model_is_made(
    modelforge_command: Run, picture_run: RunFolder
) -> None:
    result = modelforge_command("export", picture_run.path, "--json")
    assert result.exit_code == 0, result.stderr
    (made,) = json.loads(result.stdout)["exports"]
    assert made["format"] == "SavedModel"
    assert made["inputs"]["image_bytes"]["shape"] == [None]
    assert made["tensors"]["input"]["shape"] == [None, 8, 8, 3]


def test_an_impossible_tolerance_fails_and_leaves_nothing(
    modelforge_command: Run, number_run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modelforge.export import proof

    monkeypatch.setattr(proof, "largest_difference", lambda a, b: 0.5 if a is not b else 0.0)
    result = modelforge_command("export", number_run.path, "SavedModel", "--tolerance", "0.1")
    assert result.exit_code == 1
    assert "error[export-" in result.stderr and "0.5" in result.stderr
    assert list((number_run.path / "export").iterdir()) == []


def test_versions_lie_beside_one_another(modelforge_command: Run, number_run: RunFolder) -> None:
    for version in ("1", "2"):
        result = modelforge_command("export", number_run.path, "--version", version)
        assert result.exit_code == 0, result.stderr
    base = number_run.path / "export" / "serving"
    assert sorted(path.name for path in base.iterdir()) == ["1", "2"]
    assert all((base / version / "saved_model.pb").exists() for version in "12")
    record = json.loads((number_run.path / "export" / "export.json").read_text())
    assert [made["version"] for made in record["exports"]] == [1, 2]
    refused = modelforge_command("export", number_run.path, "Keras", "--version", "1")
    assert refused.exit_code == 2 and "--version belongs to SavedModel alone" in refused.stderr


def test_an_unknown_format_is_answered_before_anything_runs(
    modelforge_command: Run, number_run: RunFolder
) -> None:
    result = modelforge_command("export", number_run.path, "sevedmodel")
    assert result.exit_code == 1
    assert "error[unknown-format]: there is no export format `sevedmodel`" in result.stderr
    assert "did you mean `SavedModel`?" in result.stderr
