"""One run's folder: where everything lies in it, and how it comes to be."""

from __future__ import annotations

import os
import secrets
import shutil
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from modelforge.findings import Source, refuse
from modelforge.runs import files
from modelforge.runs.forms import data_misfit
from modelforge.runs.state import RunState, from_json, to_json

# What ModelForge writes into a run folder: no callback may write there.
OWN = frozenset(
    {
        *("spec.yaml", "resolved.yaml", "environment.json", "data.json", "state.json"),
        *("checkpoints", "best.keras", "final.keras", "export", "events", "log.txt", "loaded"),
        *("history.csv", "history.jsonl", "report.html", "plugins", "plugins.json", ".lock"),
        *("workers", "features"),
        *(f"evaluation-{split}.json" for split in ("train", "validation", "test")),
    }
)

_ENDINGS = (".keras", ".weights.h5", ".h5", ".hdf5")  # of saved models and weights

_LONGEST_NAME = 200  # file systems take 255 bytes, some less
_LETTERS = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class RunFolder:
    """`runs/<name>/<timestamp>-<short id>/`; two runs never share one."""

    path: Path

    @classmethod
    def create(cls, runs: Path, name: str) -> RunFolder:
        """A new folder below `runs/<name>`."""
        _check_name(name)
        for _ in range(100):
            stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
            identity = "".join(secrets.choice(_LETTERS) for _ in range(4))
            path = runs / name / f"{stamp}-{identity}"
            if not os.path.lexists(path):
                return cls.create_at(path)
        raise refuse("run-folder", f"no free name for a run in `{runs / name}`")

    @classmethod
    def create_at(cls, path: Path) -> RunFolder:
        """A new folder exactly there; refused where something lies there already."""
        _check_text(path)
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise refuse(
                    "run-exists",
                    f"the run folder `{path}` is not empty",
                    notes=[
                        "a run folder is never overwritten",
                        f"give another --run, or go on with that run: --resume {path}",
                    ],
                )
            folder = cls(path)
            folder.checkpoints.mkdir()
            # Found out now rather than after the first epoch.
            files.write_text(path / ".writable", "")
            (path / ".writable").unlink()
        except OSError as error:
            raise refuse(
                "run-folder",
                f"the run folder `{path}` cannot be written: {error.strerror or error}",
                notes=["choose another place with --runs FOLDER or --run FOLDER"],
            ) from None
        return folder

    @property
    def id(self) -> str:
        """The folder's own name."""
        return self.path.name

    @property
    def name(self) -> str:
        """The name that runs of one spec share."""
        return self.path.resolve().parent.name

    @property
    def spec(self) -> Path:
        """The spec as it was written."""
        return self.path / "spec.yaml"

    @property
    def extends(self) -> Path:
        """What the spec extends, as it was written, where it lay beside the spec."""
        return self.path / "extends"

    @property
    def resolved(self) -> Path:
        """The spec with everything resolved; training it again gives the same result."""
        return self.path / "resolved.yaml"

    @property
    def environment(self) -> Path:
        """Versions, devices, strategy, git commit."""
        return self.path / "environment.json"

    @property
    def data(self) -> Path:
        """Sources, sizes, fingerprint, classes, splits."""
        return self.path / "data.json"

    @property
    def checkpoints(self) -> Path:
        """What a run is resumed from."""
        return self.path / "checkpoints"

    @property
    def events(self) -> Path:
        """TensorBoard's event files."""
        return self.path / "events"

    @property
    def best(self) -> Path:
        """The model of the best epoch."""
        return self.path / "best.keras"

    @property
    def final(self) -> Path:
        """The model as training left it."""
        return self.path / "final.keras"

    @property
    def report(self) -> Path:
        """The run as a page; written last of all."""
        return self.path / "report.html"

    @property
    def loaded(self) -> Path:
        """The saved models that the spec loads."""
        return self.path / "loaded"

    @property
    def features(self) -> Path:
        """What a phase computes once for each sample, while it runs."""
        return self.path / "features"

    @property
    def log(self) -> Path:
        """What was said while it ran."""
        return self.path / "log.txt"

    @property
    def model(self) -> Path:
        """The model that commands use when none is asked for: the best, else the last."""
        return self.best if self.best.exists() else self.final

    def state(self) -> RunState | None:
        """How the run stands; None where `state.json` is missing or unreadable."""
        return from_json(files.read_json(self.path / "state.json"))

    def set_state(self, state: RunState) -> None:
        """Says how the run stands."""
        files.write_json(self.path / "state.json", to_json(state))

    def read_data(self) -> Mapping[str, Any]:
        """The manifest of the data; empty where there is none, refused where it is damaged."""
        value = files.read_json(self.data)
        if value is None and not os.path.lexists(self.data):
            return {}
        misfit = "it cannot be read" if value is None else data_misfit(value)
        if misfit:
            raise refuse(
                "run-damaged",
                f"`{self.data}` is damaged: {misfit}",
                notes=["it holds what the run learned from its data: restore it from a copy"],
            )
        found: Mapping[str, Any] = value
        return found

    def say(self, line: str) -> None:
        """Adds a line to `log.txt`."""
        files.append_line(self.log, line)

    def keep_spec(self, source: Source, extended: Iterable[Source]) -> None:
        """Writes `spec.yaml` and what it extends, all as they were written."""
        files.write_text(self.spec, source.text)
        for base in extended:
            # `extends` leads nowhere but beneath the folder of the spec, so it does here, too.
            place = self.extends / os.path.relpath(base.name, os.path.dirname(source.name) or ".")
            place.parent.mkdir(parents=True, exist_ok=True)
            files.write_text(place, base.text)

    def keep_models(self, models: Mapping[str, str]) -> dict[str, str]:
        """Copies the saved models that a spec loads, so that the run needs nothing else.

        models: the files by the path in the spec. Gives for each path the one from `resolved.yaml`.
        """
        kept: dict[str, str] = {}
        for path, file in models.items():
            source = Path(file).resolve()
            if source.parent == self.loaded.resolve():  # a resumed run's own
                kept[path] = f"{self.loaded.name}/{source.name}"
                continue
            name = Path(file).name  # a link's: what it leads to may be called anything
            ending = next((it for it in _ENDINGS if name.endswith(it)), "")
            place = self.loaded / name
            number = 1
            while place.exists():
                number += 1
                place = self.loaded / f"{name.removesuffix(ending)}-{number}{ending}"
            self.loaded.mkdir(exist_ok=True)
            files.write_whole(place, partial(shutil.copyfile, source))
            kept[path] = f"{self.loaded.name}/{place.name}"
        return kept

    def keep_resolved(self, text: str) -> None:
        """Writes `resolved.yaml`; one that differs (a resumed run's) is kept under another name."""
        if self.resolved.exists():
            if self.resolved.read_text(encoding="utf-8") == text:
                return
            earlier = len(list(self.path.glob("resolved-*.yaml"))) + 1
            self.resolved.rename(self.path / f"resolved-{earlier}.yaml")
        files.write_text(self.resolved, text)


def _check_text(path: Path) -> None:
    """The place of a run is written into logs, JSON and pages, which hold UTF-8 only."""
    told = str(path).encode("utf-8", "backslashreplace").decode("utf-8")
    if told != str(path):
        raise refuse(
            "run-folder",
            f"the name of the run folder `{told}` is not UTF-8 text",
            notes=["choose another place with --runs FOLDER or --run FOLDER"],
        )


def _check_name(name: str) -> None:
    """A run's name is one folder: `../x` would put the run where no command looks for it."""
    if not name or name in (".", "..") or set(name) & set("/\\\0"):
        raise refuse(
            "run-name",
            f"`{name}` cannot name a run: it has to be the name of one folder",
            notes=["--runs FOLDER says where runs lie, --run FOLDER where this one lies"],
        )
    if len(name.encode()) > _LONGEST_NAME:
        raise refuse(
            "run-name",
            f"the run's name has {len(name.encode())} bytes, and at most {_LONGEST_NAME} fit",
            notes=["give a shorter `name` in the spec, or --name NAME"],
        )
