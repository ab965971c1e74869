"""What an export that was killed has left beside the place of the next one is cleared away."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from modelforge.export.verified import _into_place


def test_what_dead_processes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as dead:
        pass
    gone = [f".{dead.pid}-saved_model", f".before-{dead.pid}-saved_model", f".{9**30}-saved_model"]
    stay = [f".{os.getppid()}-saved_model", ".mine-saved_model", f".{dead.pid}-other"]
    for name in (*gone, *stay, "new", "saved_model"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "content").write_text("new", encoding="utf-8")
    _into_place(tmp_path / "new", tmp_path / "saved_model")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*stay, "saved_model"])
    assert (tmp_path / "saved_model" / "content").read_text(encoding="utf-8") == "new"
