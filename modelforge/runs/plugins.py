"""The plugins of a run: kept beside its spec, with what tells whether they are still the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from modelforge.findings import Finding, Refused
from modelforge.runs.files import read_json, write_json, write_whole
from modelforge.runs.folder import RunFolder
from modelforge.spec import Spec

FOLDER = "plugins"
RECORD = "plugins.json"


def keep_plugins(folder: RunFolder, plugins: Mapping[str, bytes]) -> None:
    """Writes `plugins/` and `plugins.json`; nothing where there are none.

    plugins: what the files hold, by their paths relative to the spec.
    """
    checksums: dict[str, str] = {}
    for name, content in plugins.items():
        place = folder.path / FOLDER / name
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, partial(Path.write_bytes, data=content))
        checksums[f"{FOLDER}/{name}"] = _checksum(content)
    if checksums:
        write_json(folder.path / RECORD, {"schema_version": 1, "sha256": checksums})


def with_kept_plugins(spec: Spec) -> Spec:
    """The spec with the paths of its plugins as they are in the run's folder."""
    return replace(spec, plugins=tuple(f"{FOLDER}/{path}" for path in spec.plugins))


def check_plugins(folder: RunFolder) -> None:
    """Refuses a run whose plugins are no longer those that it was trained with."""
    record = read_json(folder.path / RECORD)
    recorded = record.get("sha256", {}) if isinstance(record, dict) else {}
    changed = [path for path, checksum in recorded.items() if _read(folder.path / path) != checksum]
    if changed:
        raise Refused(
            [
                Finding(
                    "plugin-changed",
                    f"`{folder.path / path}` is no longer the plugin that the run was trained with",
                    notes=("put it back as it was, or train the spec again",),
                )
                for path in changed
            ]
        )


def _read(path: Path) -> str:
    try:
        return _checksum(path.read_bytes())
    except OSError:
        return ""


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
