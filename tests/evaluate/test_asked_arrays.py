"""Questions that are arrays: texts among them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelforge.evaluate.arrays import ask_arrays
from modelforge.evaluate.asked import Asked, Questions
from modelforge.findings import Findings

INPUTS = {
    "word": {"shape": [1], "dtype": "string"},
    "number": {"shape": [2], "dtype": "float32"},
}


def asked(folder: Path, findings: Findings, **arrays: Any) -> list[Asked]:
    path = folder / "asked.npz"
    np.savez(path, **arrays)
    manifest = {"inputs": INPUTS, "reading": {"kind": "arrays"}}
    return list(ask_arrays(Questions([path], manifest, findings)))


@pytest.mark.parametrize("kind", ["U", "S"])
def test_texts_are_asked_as_they_are(tmp_path: Path, kind: str) -> None:
    words = np.array([["a"], ["bcd"]]).astype(kind)
    findings = Findings()
    (batch,) = asked(tmp_path, findings, word=words, number=np.ones((2, 2), np.int64))
    assert not len(findings) and len(batch.names) == 2
    assert batch.inputs["word"].tolist() == words.tolist()
    assert batch.inputs["number"].dtype == np.float32


def test_numbers_are_no_texts(tmp_path: Path) -> None:
    findings = Findings()
    ones = np.ones((2, 2), np.float32)
    assert asked(tmp_path, findings, word=ones[:, :1], number=ones) == []
    (found,) = findings
    assert "has `word` of shape (2, 1) and type float32" in found.message
    assert found.notes[-1] == "`word` holds texts"
