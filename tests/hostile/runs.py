"""Damaged run folders, and what must hold of every command that is given one: it tells."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import yaml

from modelforge.cli.defect import DEFECT
from modelforge.cli.main import run
from tests.hostile.fuzz import Outcome
from tests.hostile.mutate import damaged_bytes, damaged_value, random_text, written

SPEC = """\
modelforge: 1
name: iris
data: {train: Iris, validation: 0.2, batch_size: 32}
model: {layers: [{Dense: {units: "${data.classes}", activation: softmax}}]}
train: {loss: SparseCategoricalCrossentropy, metrics: [accuracy], epochs: 1}
"""
# The files that say what a run is; models and checkpoints are damaged by tests of their own.
FILES = (
    "state.json", "resolved.yaml", "data.json", "environment.json", "history.jsonl", "history.csv",
    "spec.yaml", "evaluation-validation.json",
)  # fmt: skip
OFTEN = (*("state.json",) * 4, *("resolved.yaml",) * 3, *FILES)
CODES = {0, 1, 2, 4, 5, 6, 75}  # whatever is told; a defect has a code of its own


def trained(folder: Path) -> Path:
    """A run that has ended."""
    (folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert run(["train", str(folder / "spec.yaml"), "-q", "--runs", str(folder / "runs")]) == 0
    (state,) = folder.glob("runs/*/*/state.json")
    return state.parent


class RunFuzzer:
    """Damages copies of a run and gives them to the commands."""

    def __init__(self, seed: int, run_folder: Path, work: Path) -> None:
        self._random = Random(seed)
        self._good = run_folder
        self._work = work

    def run(self, count: int) -> Outcome:
        """So many damaged folders, each given to one command."""
        outcome = Outcome(Counter())
        for _ in range(count):
            runs = self._work / "runs"
            shutil.rmtree(runs, ignore_errors=True)
            folder = runs / "iris" / self._good.name
            shutil.copytree(self._good, folder)
            told = [self._damage(folder) for _ in range(self._random.choice((1, 1, 1, 2)))]
            self._ask(folder, runs, b"\n".join(told), outcome)
        return outcome

    def _damage(self, folder: Path) -> bytes:
        path = folder / self._random.choice(OFTEN)
        what = self._random.random()
        if what < 0.05 or not path.is_file():
            shutil.rmtree(path, ignore_errors=True)
            path.unlink(missing_ok=True)
            if what < 0.02:
                path.mkdir()
            return path.name.encode() + b" is gone"
        content = self._damaged(path, path.read_bytes(), what)
        path.write_bytes(content)
        return path.name.encode() + b":\n" + content

    def _damaged(self, path: Path, content: bytes, what: float) -> bytes:
        if what < 0.15:
            return content[: self._random.randrange(len(content) + 1)]
        if what < 0.2:
            return random_text(self._random)
        if what < 0.35 or path.suffix in (".csv", ".jsonl"):
            return damaged_bytes(self._random, content)
        read: Any = yaml.safe_load if path.suffix == ".yaml" else json.loads
        try:
            value = damaged_value(self._random, read(content))
        except (ValueError, yaml.YAMLError):  # damaged before
            return damaged_bytes(self._random, content)
        if path.suffix == ".yaml":
            return written(self._random, value)
        return json.dumps(value).encode("utf-8", errors="surrogatepass")

    def _ask(self, folder: Path, runs: Path, damage: bytes, outcome: Outcome) -> None:
        verbs = (
            ["runs", str(runs)], ["runs", str(runs), "--json"],
            ["evaluate", str(folder)], ["train", "--resume", str(folder), "--dry-run"],
            ["train", "--resume", "latest", "--runs", str(runs), "-q"],
            ["show", str(folder / "resolved.yaml")], ["predict", str(folder), "nothing.csv"],
        )  # fmt: skip
        verb = self._random.choice(verbs)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(verb)
        outcome.counts[f"{verb[0]} {code}"] += 1
        said = err.getvalue()
        if code == DEFECT or code not in CODES:
            outcome.wrong.append((f"{' '.join(verb)}: exit {code}: {said[-800:]}", damage))
        elif code == 1 and not said.strip():
            outcome.wrong.append((f"{' '.join(verb)}: exit 1 without a word", damage))
        if "Traceback" in said or "\x1b" in said + out.getvalue():
            outcome.wrong.append((f"{' '.join(verb)}: {said[-800:]}", damage))
