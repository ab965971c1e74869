"""Which columns of a CSV are used, and how each becomes numbers."""

from __future__ import annotations

from collections.abc import Collection

from modelforge.catalog.naming import MAIN
from modelforge.catalog.own.features import text_inputs
from modelforge.data.features.feature import Feature, Learned
from modelforge.data.place import Request
from modelforge.data.samples import Samples
from modelforge.data.sources.csv_doubts import warn_almost_number
from modelforge.findings import did_you_mean, listed
from modelforge.sniff.table import Table, column_kind, looks_like_id
from modelforge.spec import Object

_AUTOMATIC = {
    "boolean": "boolean",
    "integer": "float_normalized",
    "number": "float_normalized",
    "text": "string_categorical",
}


def choose_features(
    table: Table, missing: Collection[str], request: Request, like: Samples | None
) -> list[Feature]:
    """The features; empty after a finding."""
    if like is not None and "features" in like.reading:
        learned = [Learned.from_plain(plain) for plain in like.reading["features"]]
        return _known_columns([item.feature for item in learned], table, request)
    written = request.get("features")
    if written is not None:
        return _explicit(written, request)
    return _automatic(table, missing, request)


def _known_columns(features: list[Feature], table: Table, request: Request) -> list[Feature]:
    absent = [f.column for f in features if f.column not in table.columns]
    for name in absent:
        request.error(
            "unknown-column",
            f"the file lacks column `{name}`, which training uses",
            hint=did_you_mean(name, table.columns),
            notes=(f"columns of the file: {listed(table.columns)}",),
        )
    return [] if absent else features


def _explicit(written: dict[str, Object], request: Request) -> list[Feature]:
    for target in [name for name in _target_columns(request) if name in written]:
        request.error(
            "target-is-a-feature",
            f"column `{target}` is the target and cannot be a feature as well",
            "features",
        )
        return []
    if not written:
        request.error("no-features", "`features` names no column", "features")
    features = []
    for column, word in written.items():
        options = [value for value in word.arguments.values() if isinstance(value, int)]
        features.append(Feature(column, word.name, options[0] if options else None))
    return features if _inputs_differ(features, request) else []


def _target_columns(request: Request) -> list[str]:
    return [name for target in request.targets for name in target.columns]


def _inputs_differ(features: list[Feature], request: Request) -> bool:
    """Whether every column that is an input of its own has a name of its own there."""
    names = [MAIN, *text_inputs({it.column: it.kind for it in features}).values()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is None or len(features) == 1:
        return True
    request.error(
        "duplicate-input",
        f"two inputs of the model would be called `{twice}`",
        "features",
        notes=(
            f"the column of each `text` is an input, and all other columns together are `{MAIN}`",
            "rename the column in the file",
        ),
    )
    return False


def _automatic(table: Table, missing: Collection[str], request: Request) -> list[Feature]:
    ignored = {*map(str, request.get("ignore", ())), *_target_columns(request)}
    features: list[Feature] = []
    useless: dict[str, str] = {}
    for name, values in table.columns.items():
        if name in ignored:
            continue
        kind = column_kind(values, missing)
        if kind == "text":
            warn_almost_number(name, table, missing, request)
        reason = _useless(values, kind)
        if reason:
            useless[name] = reason
            continue
        features.append(Feature(name, _AUTOMATIC[kind]))
    _warn_useless(useless, request)
    if not features:
        request.error("no-features", "no column is left that a model could learn from")
    return features


def _warn_useless(useless: dict[str, str], request: Request) -> None:
    """One warning, however many columns there are."""
    if not useless:
        return
    reasons = [f"`{name}` ({reason})" for name, reason in useless.items()]
    first, reason = next(iter(useless.items()))
    message = f"column `{first}` is left out: {reason}"
    if len(useless) > 1:
        message = f"{len(useless)} columns are left out: {listed(reasons, 5)}"
    request.warning(
        "useless-column",
        message,
        notes=(
            f"write `ignore: [{listed(useless, 5)}]` to agree, or list the columns to use under "
            f"`features`; free text: `{{{first}: text}}`",
        ),
    )


def _useless(values: list[str], kind: str) -> str:
    """Why a column holds nothing to learn from; empty where it may hold something."""
    if kind == "empty":
        return "it has no values"
    if len(set(values)) == 1:
        return f"it is `{values[0]}` in every row"
    if looks_like_id(values, kind):  # type: ignore[arg-type]
        return "it names the rows (nearly every value is another)"
    return ""
