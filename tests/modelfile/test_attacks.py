"""Every crafted model file is refused with what is wrong with it, and nothing happens meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import filearchives
import fileconfigs
import fileold
import fileweights
import pytest
from filecorpus import ATTACKS
from filekit import Kit, save_base

assert filearchives and fileconfigs and fileold and fileweights  # they fill the corpus

MOST_MEMORY = 500  # MB over what the process had before the first file


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="session")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of each file; all are loaded by one process."""
    folder = tmp_path_factory.mktemp("attacks")
    base = folder / "base.keras"
    save_base(base)
    kit = Kit(folder, base)
    files = {name: str(attack.make(kit)) for name, attack in ATTACKS.items()}
    order, answer = folder / "order.json", folder / "answer.json"
    watched = [str(kit.canary), str(kit.secret), "/etc/hostname", "/etc/passwd"]
    wanted = {"base": str(base), "files": files, "answer": str(answer), "secrets": watched}
    order.write_text(json.dumps(wanted), encoding="utf-8")
    script = Path(__file__).with_name("loads_files.py")
    done = subprocess.run(
        [sys.executable, str(script), str(order)],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert answer.exists(), done.stderr[-3000:]
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    found["canary"] = kit.canary.exists()
    return found


@pytest.mark.parametrize("name", ATTACKS)
def test_is_refused(name: str, outcome: dict[str, Any]) -> None:
    wanted, found = ATTACKS[name], outcome[name]
    assert found["findings"], "it was loaded"
    rules = {rule for rule, _ in found["findings"]}
    assert rules == {wanted.rule}, found["findings"]
    assert any(wanted.says in message for _, message in found["findings"]), found["findings"]
    assert all("\n" not in message for _, message in found["findings"])
    assert not found["seen"]
    assert found["grown"] < MOST_MEMORY


def test_nothing_was_written(outcome: dict[str, Any]) -> None:
    assert not outcome["canary"]


def test_the_corpus_is_large() -> None:
    assert len(ATTACKS) >= 60
