"""Where callbacks write: inside the run folder, beside ModelForge's own files and each other's."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath, PureWindowsPath

from modelforge.findings import Findings, Related, did_you_mean, listed
from modelforge.runs.folder import OWN
from modelforge.spec import Object
from modelforge.train.callbacks import PLACES

RULE = "callback-path"


def check_places(items: Iterable[Object], findings: Findings) -> None:
    """Adds paths that leave the run folder, or that would overwrite or delete what lies there."""
    taken: dict[str, Object] = {}
    for item in items:
        argument = PLACES.get(item.name)
        if argument is None or argument not in item.arguments:
            continue
        written = str(item.arguments[argument])
        if not _check_path(item, argument, written, findings):
            continue
        place = PurePosixPath(written).as_posix()
        if place in taken:
            other = taken[place]
            findings.error(
                RULE,
                f"`{item.name}` writes to `{written}`, where `{other.name}` writes already",
                item.span_of(argument),
                related=[Related(other.span_of(PLACES[other.name]), "the other one is")],
            )
        taken.setdefault(place, item)


def check_fields(items: Iterable[Object], names: Sequence[str], findings: Findings) -> None:
    """Adds `{...}` in a checkpoint's path that stand for no value; names: the values of an epoch.

    Keras would find out at the end of the first epoch, which can be hours away.
    """
    for item in items:
        if item.name == "ModelCheckpoint":
            _check_fields(item, names, findings)


def _check_path(item: Object, argument: str, written: str, findings: Findings) -> bool:
    subject = f"`{item.name}` writes to `{written}`"
    parts = PurePosixPath(written.replace("\\", "/")).parts
    if not parts:
        message, hint = f"`{item.name}` is given no file or folder to write to", "give it a name"
    elif _leaves(written, parts):
        message, hint = f"{subject}, which is not inside the run folder", "use a relative path"
    elif parts[0].casefold() in OWN:
        message, hint = f"{subject}, where ModelForge keeps a file of its own", "use another name"
    else:
        return True
    notes = ["callbacks write into the run folder, where a run keeps all that belongs to it"]
    findings.error(RULE, message, item.span_of(argument), hint=hint, notes=notes)
    return False


def _leaves(written: str, parts: Sequence[str]) -> bool:
    windows = PureWindowsPath(written)
    anchored = parts[0].startswith(("/", "~")) or bool(windows.drive or windows.root)
    return anchored or ".." in parts


def _check_fields(item: Object, names: Sequence[str], findings: Findings) -> None:
    span = item.span_of("filepath")
    each_batch = isinstance(item.arguments.get("save_freq"), int)
    # Between two epochs only the values of the training data are there.
    values = [name for name in names if not (each_batch and name.startswith("val_"))]
    known = ["epoch", "batch", *values] if each_batch else ["epoch", *values]
    path = str(item.arguments["filepath"])
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(path) if field is not None]
    except ValueError as error:
        findings.error(RULE, f"the path of `{item.name}` cannot be read: {error}", span)
        return
    for field in fields:
        if field not in known:
            findings.error(
                RULE,
                f"the path of `{item.name}` asks for `{field}`, which will not exist",
                span,
                hint=did_you_mean(field, known),
                notes=[f"values: {listed(known)}"],
            )
            return
    _check_formats(item, path, known, findings)


def _check_formats(item: Object, path: str, known: Sequence[str], findings: Findings) -> None:
    values: dict[str, float] = {name: 1 if name in ("epoch", "batch") else 1.0 for name in known}
    try:
        path.format(**values)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        findings.error(
            RULE,
            f"the path of `{item.name}` cannot be formatted: {error}",
            item.span_of("filepath"),
            notes=["`{epoch:02d}` is a whole number, `{val_loss:.3f}` a decimal one"],
        )
