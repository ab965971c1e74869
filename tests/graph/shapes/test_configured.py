"""Where the channels are: what Keras's configuration says, read as Keras reads it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelforge.graph.shapes.configured import FIRST, LAST, image_data_format
from modelforge.graph.shapes.evaluate import evaluate
from tests.graph.shapes.against_keras import case

WRITTEN = {
    '{"image_data_format": "channels_first"}': FIRST,
    '{"image_data_format": "channels_last"}': LAST,
    '{"epsilon": 1e-7}': LAST,
    "no json": LAST,
    '{"image_data_format": "first"}': None,
    "[1]": None,
}


@pytest.mark.parametrize(("text", "wanted"), WRITTEN.items())
def test_what_is_written(
    text: str, wanted: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keras.json").write_text(text, encoding="utf-8")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert image_data_format() == wanted


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "none"))
    assert image_data_format() == LAST
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text('{"image_data_format": "channels_first"}')
    assert image_data_format() == FIRST


def test_shapes_follow_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keras.json").write_text('{"image_data_format": "channels_first"}')
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    wanted = case("Conv2D", (3, 8, 8), filters=5, kernel_size=3)
    found = evaluate(wanted.object, wanted.inputs, {})
    assert found.shapes == ((None, 5, 6, 6),)
    assert found.trainable == 3 * 3 * 3 * 5 + 5


@pytest.mark.slow
@pytest.mark.parametrize(("text", "wanted"), WRITTEN.items())
def test_keras_reads_it_so(text: str, wanted: str | None, tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text(text, encoding="utf-8")
    environment = {**os.environ, "KERAS_HOME": str(tmp_path)}
    code = "import keras; print(keras.config.image_data_format())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip() or None) == wanted
