"""A run that is killed, again and again, comes to the same as one that nobody touched."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from faults.conftest import Undisturbed
from faults.kills import killed, undisturbed
from faults.outcome import differences, outcome
from faults.points import Points, different_copies
from faults.specs import SPECS
from faults.warm import run, start


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_killed_runs_end_as_if_nobody_had_touched_them(
    name: str, reference: Undisturbed, tmp_path: Path
) -> None:
    draw = random.Random(name)
    trials = [killed(reference(name), tmp_path / str(n), 3, draw) for n in range(5)]
    assert not [wrong for trial in trials for wrong in trial.wrong]
    assert sum(len(trial.moments) for trial in trials) >= 5, "too few kills came in time"


def test_a_run_killed_before_its_first_checkpoint_begins_anew(
    reference: Undisturbed, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    command = start(["train", reference("recurrent").spec, "--run", folder], tmp_path / "log")
    while command.running and "epoch 1/" not in command.said:  # the first is due after three
        time.sleep(0.005)
    assert command.kill() == -9, command.said
    assert not list((folder / "checkpoints").glob("[0-9]*"))
    code, said = run(["train", "--resume", folder], tmp_path / "log")
    assert code == 0, said
    assert "the run was ended before its first checkpoint: it begins anew" in said
    assert not differences(outcome(folder), reference("recurrent").outcome)


def test_another_seed_is_seen_in_every_part_of_the_outcome(
    specs: dict[str, Path], reference: Undisturbed, tmp_path: Path
) -> None:
    # Otherwise the comparison of the tests above would hold for anything.
    spec = tmp_path / "other.yaml"
    text = specs["outputs"].read_text(encoding="utf-8")
    place = specs["outputs"].parent / "outputs.npz"
    text = text.replace("path: outputs.npz", f"path: {place}").replace(
        "train:\n  loss", "train:\n  seed: 7\n  loss"
    )
    spec.write_text(text, encoding="utf-8")
    other = undisturbed(spec, tmp_path / "other")
    found = "\n".join(differences(other.outcome, reference("outputs").outcome))
    for part in ("history", "final.keras: layers", "final.keras: optimizer", "best.keras: layers"):
        assert part in found
    for part in ("kept.keras", "checkpoint: ", "rows.csv", "state: best"):
        assert part in found


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_every_point_of_writing_may_be_the_last(specs: dict[str, Path], tmp_path: Path) -> None:
    short = ["--set", "train.epochs=2"]
    folder, kept = tmp_path / "run", tmp_path / "copies"
    kept.mkdir()
    arguments = ["train", specs["outputs"], "--run", folder, *short]
    code, said = run(arguments, tmp_path / "log", Points(str(folder), str(kept)))
    assert code == 0, said
    whole = outcome(folder)
    points = different_copies(kept)
    assert len(points) > 40
    wrong = {point.parent.name: _resumed(point, whole) for point in points}
    assert not {name: found for name, found in wrong.items() if found}


def _resumed(folder: Path, whole: dict[str, Any]) -> list[str]:
    """What is other than in the whole run once the copy of its folder has been resumed."""
    code, said = run(["train", "--resume", folder], folder.parent / "log")
    if not (folder / "state.json").exists():  # it had not begun: nothing to go on with
        told = code == 1 and "error[no-run]" in said
        return [] if told else [f"exit code {code}: {said}"]
    if code == 1 and "error[nothing-to-do]" in said:  # it had finished
        return differences(outcome(folder), whole)
    return [f"exit code {code}: {said}"] if code else differences(outcome(folder), whole)


@dataclass(frozen=True)
class KilledAtRename:
    """What a child does to itself: `kill -9` just before something of that name gets its name."""

    part: str

    def __call__(self) -> None:
        """Begins to wait for it."""

        def audit(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "os.rename" and self.part in os.fsdecode(arguments[0]):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(audit)


def test_a_run_killed_while_it_exports_is_exported_when_it_is_resumed(
    reference: Undisturbed, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    arguments = ["train", reference("dense").spec, "--run", folder, "--set", "export=[SavedModel]"]
    command = start(arguments, tmp_path / "log", KilledAtRename("saved_model"))
    assert command.wait() == -9, command.said
    assert not list((folder / "export").glob("[!.]*"))
    code, said = run(["train", "--resume", folder], tmp_path / "log")
    assert code == 0, said
    assert "training is done; what comes after it is done now" in said
    exported = sorted(path.name for path in (folder / "export").iterdir())
    assert exported == ["export.json", "saved_model"]
    other = differences(outcome(folder), reference("dense").outcome)
    assert not [what for what in other if ".spec.export" not in what]
