"""What a run ran on: for `environment.json`, and to tell two runs apart later."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import tensorflow as tf

from modelforge.train.strategy import Placement
from modelforge.version import __version__

_PACKAGES = ("tensorflow", "keras", "numpy", "pyyaml", "jsonschema", "click", "rich")


def describe_environment(placement: Placement, root: Path) -> dict[str, Any]:
    """Plain values; root: the folder of the spec, whose git commit is told."""
    return {
        "schema_version": 1,
        "modelforge": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "cpus": os.cpu_count(),
        "devices": [_device(device) for device in tf.config.list_physical_devices()],
        "strategy": {
            "name": placement.name,
            "replicas": placement.replicas,
            "devices": list(placement.devices),
        },
        "git": _git(root),
        "command": ["modelforge", *sys.argv[1:]],
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _device(device: Any) -> dict[str, Any]:
    details = (
        tf.config.experimental.get_device_details(device) if device.device_type == "GPU" else {}
    )
    name = device.name.removeprefix("/physical_device:")
    return {"name": name, **{key: str(value) for key, value in details.items()}}


def _git(folder: Path) -> dict[str, Any] | None:
    commit = _ask_git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    return {"commit": commit, "dirty": bool(_ask_git(folder, "status", "--porcelain", "--", "."))}


def _ask_git(folder: Path, *arguments: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip()
