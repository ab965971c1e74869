"""The catalog that every command works with: Keras's words from a data file, and our own."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path

from modelforge.catalog.cache import cached_file
from modelforge.catalog.catalog import Catalog
from modelforge.catalog.record import Unread, load
from modelforge.catalog.word import Word
from modelforge.findings import Finding

_INSTALLED = re.compile(r"keras-\d[^-]*\.dist-info")
_FOLDER = Path(__file__).parent / "keras"


@cache
def load_catalog() -> Catalog:
    """The words of the installed Keras, as far as a file describes them, and ModelForge's own.

    A file in the user's cache comes first, the committed one of the same release second, the
    newest committed one last. Keras itself is not imported.
    """
    version, words = _keras_words(installed_keras())
    return Catalog([*words, *_own_words()], version)


def committed_file(keras_version: str) -> Path:
    """The data file for a Keras release that comes with ModelForge, whether or not it is there."""
    return _FOLDER / f"keras-{keras_version}.json"


@cache
def installed_keras() -> str | None:
    """The version of the installed Keras, None where there is none.

    importlib.metadata would tell, too, but costs more than the rest of this file together.
    """
    for folder in sys.path:
        try:
            found = [name for name in os.listdir(folder or ".") if _INSTALLED.fullmatch(name)]
        except OSError:
            continue
        if found:
            return found[0].removeprefix("keras-").removesuffix(".dist-info")
    return None


def version_finding(catalog: Catalog) -> Finding | None:
    """A warning where the catalog describes another Keras than the installed one."""
    installed = installed_keras()
    if installed is None or installed == catalog.keras_version:
        return None
    return Finding(
        "catalog-version",
        f"the catalog describes Keras {catalog.keras_version}, but Keras {installed} is installed",
        severity="warning",
        notes=(
            f"words or arguments that changed between {catalog.keras_version} and {installed}"
            " are judged by the older description",
            "run `modelforge catalog --refresh` once to describe the installed Keras",
        ),
    )


def _keras_words(installed: str | None) -> tuple[str, list[Unread]]:
    if installed is not None:
        try:
            return load(cached_file(installed).read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError):
            pass  # no such file, or one that another ModelForge wrote: not worth a word
        committed = committed_file(installed)
        if committed.exists():
            return load(committed.read_text(encoding="utf-8"))
    newest = max(_FOLDER.glob("keras-*.json"), key=_release)
    return load(newest.read_text(encoding="utf-8"))


def _release(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path.stem))


def _own_words() -> tuple[Word, ...]:
    from modelforge.catalog import own

    return tuple(getattr(own, "OWN", ()))
