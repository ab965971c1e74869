"""What `--allow` names: a path that there is, that is needed, or a misspelt one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from modelforge.catalog import Catalog
from modelforge.findings import Finding, did_you_mean
from modelforge.spec import DataSection, ModelSection, Spec, TrainSection
from modelforge.train.checkpoints.fingerprint import Change, covered

TAKEOVER = "takeover"  # what `--allow` calls going on with a run of another machine

# What a fingerprint holds beside the spec, whose paths begin without a name of their own.
_PARTS = ("plugins", "dataset", "versions")
_SECTIONS = (("", Spec), ("model.", ModelSection), ("data.", DataSection), ("train.", TrainSection))
_NO_KEYS = ("span", "spans")


def misspelt(
    allow: Sequence[str], before: Mapping[str, Any], now: Mapping[str, Any], catalog: Catalog
) -> list[Finding]:
    """An error for each path that neither the run has nor what goes on with it.

    before, now: fingerprints. A key that a section may have, or an argument that a word takes, is
    known although nobody has written it.
    """
    known = dict.fromkeys([TAKEOVER, *_keys(), *_paths_of(before), *_paths_of(now)])
    return [
        Finding(
            "unknown-path",
            f"`--allow {path}` names nothing of the run",
            hint=did_you_mean(path, known),
            notes=(
                "paths are those of the spec (`train.optimizer`), and "
                f"{', '.join(f'`{part}`' for part in _PARTS)}, `{TAKEOVER}`",
            ),
        )
        for path in allow
        if path not in known and not _is_argument(path, known, catalog)
    ]


def unneeded(allow: Sequence[str], found: Sequence[Change]) -> list[str]:
    """The paths at which nothing differs. A script may always allow a takeover."""
    return [
        path
        for path in allow
        if path != TAKEOVER and not any(covered(change.path, [path]) for change in found)
    ]


def _is_argument(path: str, known: Mapping[str, None], catalog: Catalog) -> bool:
    """Whether it is an argument, perhaps not written, of a word that is."""
    parent, _, argument = path.rpartition(".")
    word = catalog.find(parent.rpartition(".")[2], *catalog.kinds) if parent in known else None
    return word is not None and word.argument(argument) is not None


def _keys() -> Iterator[str]:
    for prefix, section in _SECTIONS:
        yield from (prefix + field.name for field in fields(section) if field.name not in _NO_KEYS)


def _paths_of(fingerprint: Mapping[str, Any]) -> Iterator[str]:
    yield from _paths(fingerprint["spec"], "")
    for part in _PARTS:
        yield part
        yield from _paths(fingerprint[part], f"{part}.")


def _paths(value: Any, prefix: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        items: Iterator[tuple[Any, Any]] = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    else:
        return
    for name, item in items:
        path = f"{prefix}{name}"
        yield path
        # A word without arguments is a text; with some it is what holds them.
        if isinstance(item, str):
            yield f"{path}.{item}"
        yield from _paths(item, f"{path}.")
