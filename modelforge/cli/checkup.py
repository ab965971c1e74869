"""The single checks of `modelforge doctor`, each of which says how to mend what it finds."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib import metadata, util
from pathlib import Path

from modelforge.cli.check import BROKEN, FINE, HINT, Check
from modelforge.cli.devices import check_devices, check_import, check_vocabulary
from modelforge.findings import ModelForgeError
from modelforge.findings.size import size_text
from modelforge.version import __version__

LEAST_SPACE = 2 * 2**30  # bytes; a run with checkpoints and exports of a usual model fits
REQUIRED = {
    "tensorflow": (2, 21),
    "keras": (3, 15),
    "numpy": (2, 0),
    "pyyaml": (6, 0),
    "jsonschema": (4, 21),
    "click": (8, 1),
    "rich": (13, 7),
}
OPTIONAL = {
    "tensorboard": "shows the event files of runs: pip install tensorboard",
    "scikit-learn": "only for ModelForge's own tests: pip install 'modelforge-keras[test]'",
}


def examine() -> list[Check]:
    """All checks, the cheap ones first; none of them raises."""
    checks = [
        Check("modelforge", FINE, __version__),
        check_python(),
        check_backend(),
        *(check_package(name, least) for name, least in REQUIRED.items()),
        check_distributions(),
        check_workers(),
    ]
    if util.find_spec("tensorflow") and util.find_spec("keras"):
        checks += _after_import()
    return [*checks, *(check_optional(name) for name in OPTIONAL), check_space(), check_folder()]


def check_python(version: tuple[int, int] | None = None) -> Check:
    """Python 3.11 to 3.13, 64 bits."""
    found = f"{platform.python_version()} on {platform.platform()}"
    major_minor = version or sys.version_info[:2]
    if not (3, 11) <= major_minor < (3, 14):
        return Check("python", BROKEN, found, ("ModelForge needs Python 3.11, 3.12 or 3.13",))
    if sys.maxsize < 2**32:
        return Check("python", BROKEN, f"{found}, 32 bits", ("TensorFlow needs a 64-bit Python",))
    return Check("python", FINE, found)


def check_backend() -> Check:
    """Keras must run on TensorFlow, whatever the environment says."""
    backend = os.environ.get("KERAS_BACKEND", "")
    if backend not in ("", "tensorflow"):
        how = ("unset KERAS_BACKEND, or set it to tensorflow",)
        return Check("KERAS_BACKEND", BROKEN, f"set to `{backend}`", how)
    return Check("KERAS_BACKEND", FINE, backend or "not set (tensorflow)")


def check_package(name: str, least: tuple[int, int]) -> Check:
    """A package that ModelForge cannot do without."""
    version = installed(name)
    if name == "tensorflow":  # other distributions hold the same package
        version = version or installed("tensorflow-cpu") or installed("tf-nightly")
    wanted = ".".join(map(str, least))
    how = (f"pip install '{name}>={wanted}'",)
    if version is None:
        return Check(name, BROKEN, "missing", how)
    if _release(version) < least:
        return Check(name, BROKEN, f"{version}, older than {wanted}", how)
    return Check(name, FINE, version)


def check_distributions(find: Callable[[str], str | None] | None = None) -> Check:
    """`tensorflow` and `tensorflow-cpu` fill the same folder; whichever came last wins there."""
    find = find or installed
    there = [n for n in ("tensorflow", "tensorflow-cpu", "tf-nightly") if find(n) is not None]
    if len(there) > 1:
        how = (
            f"keep one: pip uninstall -y {' '.join(there)} && pip install {there[0]}",
            "they install into the same folder, and uninstalling one breaks the other",
        )
        return Check("one TensorFlow", BROKEN, " and ".join(there) + " are installed", how)
    return Check("one TensorFlow", FINE, there[0] if there else "none")


def check_workers(environment: Mapping[str, str] | None = None) -> Check:
    """The workers that TF_CONFIG or SLURM name, and which of them this process would be."""
    from modelforge.workers import found_cluster

    try:
        cluster = found_cluster(os.environ if environment is None else environment)
    except ModelForgeError as error:
        return Check("workers", BROKEN, error.findings[0].message, error.findings[0].notes)
    if cluster is None:
        return Check("workers", FINE, "neither TF_CONFIG nor SLURM names others: training is local")
    found = f"{cluster.size}, from {cluster.source}; this is {cluster.named(cluster.index)}"
    return Check("workers", FINE, found + (", the chief" if cluster.chief else ""))


def check_optional(name: str) -> Check:
    """A package that something can use."""
    return Check(name, FINE, installed(name) or f"not installed (optional; {OPTIONAL[name]})")


def check_space(folder: Path | None = None, free: int | None = None) -> Check:
    """Room for runs."""
    place = folder or Path.cwd()
    space = shutil.disk_usage(place).free if free is None else free
    found = f"{size_text(space)} free in {place}"
    if space < LEAST_SPACE:
        how = ("a run writes checkpoints and exports; free some space or use train --runs FOLDER",)
        return Check("disk", HINT, found, how)
    return Check("disk", FINE, found)


def check_folder(folder: Path | None = None) -> Check:
    """Runs are written below the working folder."""
    place = folder or Path.cwd()
    try:
        with tempfile.TemporaryFile(dir=place):
            return Check("folder", FINE, f"{place} can be written")
    except OSError as error:
        how = ("go to a folder of yours, or use train --runs FOLDER",)
        return Check("folder", HINT, f"{place} cannot be written: {error.strerror}", how)


def installed(name: str) -> str | None:
    """The version of an installed distribution, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _after_import() -> list[Check]:
    imported = check_import()
    if imported.state == BROKEN:
        return [imported]
    return [imported, check_vocabulary(), *check_devices()]


def _release(version: str) -> tuple[int, ...]:
    numbers = []
    for part in version.split(".")[:2]:
        digits = "".join(character for character in part if character.isdigit())
        numbers.append(int(digits or 0))
    return tuple(numbers)
