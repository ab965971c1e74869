"""What a defect of ModelForge leaves behind: a file that can be reported as it is."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from modelforge.version import __version__

DEFECT = 3  # the exit code of a defect of ModelForge itself
_PACKAGES = ("keras", "tensorflow", "numpy", "pyyaml", "jsonschema", "click", "rich")


def write_defect(error: BaseException) -> Path:
    """Writes the traceback, the versions and the command to a file, and returns its path."""
    text = "\n".join(
        [
            f"command: {' '.join(sys.argv)}",
            f"modelforge {__version__}, Python {platform.python_version()}, {platform.platform()}",
            ", ".join(f"{package} {_version(package)}" for package in _PACKAGES),
            "",
            "".join(traceback.format_exception(error)),
        ]
    )
    with tempfile.NamedTemporaryFile(
        "w", prefix="modelforge-defect-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    return Path(file.name)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
