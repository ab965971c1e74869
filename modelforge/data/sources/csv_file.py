"""CSV: a table with mixed columns and a target."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from modelforge.data.bundle import Tensor
from modelforge.data.features.feature import Feature, Learned
from modelforge.data.features.learn import learn
from modelforge.data.features.model import apply, preprocessing_model
from modelforge.data.features.raw import LARGEST_FLOAT, raw_column
from modelforge.data.feeds import ArrayFeed
from modelforge.data.place import Request
from modelforge.data.samples import Samples, Target
from modelforge.data.sources.csv_doubts import check_width
from modelforge.data.sources.csv_features import choose_features
from modelforge.data.sources.csv_labels import missing_labels
from modelforge.data.sources.csv_leaks import check_leaks
from modelforge.data.sources.csv_table import columns_exist, open_table
from modelforge.data.sources.csv_target import read_target
from modelforge.data.sources.npz import tensor_of
from modelforge.data.sources.targets import read_targets
from modelforge.sniff.table import MISSING, Table, number
from modelforge.spec.targets import MULTI_LABEL

_SHOWN = 3


def read_csv(request: Request, like: Samples | None = None) -> Samples | None:
    """The samples of a CSV file; what is learned from them is learned later, by `learn`."""
    path = request.path(folder=False)
    table = open_table(path, request) if path else None
    if path is None or table is None:
        return None
    missing = frozenset(map(str, request.get("missing_values", MISSING)))
    if not _columns_exist(table, request):
        return None
    features = choose_features(table, missing, request, like)
    table = _without_missing(table, [f.column for f in features], missing, request)
    targets = read_targets(
        request, like, lambda it, one: _target(table, features, missing, it, one)
    )
    if targets is None or not features or not len(table):
        return None
    raw = _raw_columns(table, features, missing, request)
    if raw is None:
        return None
    return _samples(path, features, (raw, targets), request, like)


def _target(
    table: Table,
    features: Sequence[Feature],
    missing: frozenset[str],
    request: Request,
    like: Target | None,
) -> Target | None:
    target = read_target(table, missing, request, like)
    if target is not None and like is None:
        check_leaks(table, features, target, request)
    return target


def _columns_exist(table: Table, request: Request) -> bool:
    """Whether every column that the spec names is there."""
    if isinstance(request.get("features", {}), tuple):
        request.error(
            "features-without-columns",
            "`features` is a list of words, expected each column with its word",
            "features",
            notes=("for example `features: {age: float_normalized, sex: string_categorical}`",),
        )
        return False
    named = [
        (request.span(argument), str(name))
        for argument in ("features", "ignore")
        for name in request.get(argument, ())
    ]
    return columns_exist(table, named, request)


def _without_missing(
    table: Table, features: Sequence[str], missing: frozenset[str], request: Request
) -> Table:
    """The table as `missing` asks for it."""
    policy = request.get("missing", "impute").lower()
    if policy == "impute":
        return table
    absent = dict.fromkeys(features, missing)
    for target in request.targets:
        # Labels that one column lists: where it is empty, there are none.
        lists = target.kind == MULTI_LABEL and not target.together
        absent |= dict.fromkeys(target.columns, missing_labels(missing) if lists else missing)
    gaps = {
        name: [row for row, value in enumerate(table.columns[name]) if value in values]
        for name, values in absent.items()
    }
    if policy == "error":
        for name, rows in gaps.items():
            if rows:
                request.error(
                    "missing-values",
                    f"column `{name}` lacks {len(rows)} of {len(table)} values, "
                    f"the first in line {table.lines[rows[0]]}",
                    "missing",
                    notes=(
                        "write `missing: impute` to replace them, `missing: drop` to leave "
                        "such rows out",
                    ),
                )
        return table
    dropped = {row for rows in gaps.values() for row in rows}
    if dropped:
        request.warning(
            "dropped-rows",
            f"{len(dropped)} of {len(table)} rows have missing values and are left out",
            "missing",
        )
    if len(dropped) == len(table):
        request.error("no-rows", "every row has a missing value, so none is left", "missing")
    kept = [row for row in range(len(table)) if row not in dropped]
    return Table(
        {name: [values[row] for row in kept] for name, values in table.columns.items()},
        [table.lines[row] for row in kept],
    )


def _raw_columns(
    table: Table, features: Sequence[Feature], missing: frozenset[str], request: Request
) -> dict[str, np.ndarray] | None:
    raw, good = {}, True
    argument = "features" if "features" in request.item.arguments else "path"
    for feature in features:
        misfits: list[tuple[int, str, str]] = []
        raw[feature.column] = raw_column(
            feature,
            table.columns[feature.column],
            missing,
            lambda row, value, expected, into=misfits: into.append((row, value, expected)),  # type: ignore[misc]
        )
        if misfits:
            good = False
            row, value, expected = misfits[0]
            rest = f" (and {len(misfits) - 1} more)" if len(misfits) > 1 else ""
            request.error(
                "wrong-value",
                f"column `{feature.column}` has `{value[:40]}` in line {table.lines[row]}{rest}, "
                f"but `{feature.kind}` takes {expected}",
                argument,
                notes=_how_to_mend(value),
            )
    return raw if good else None


def _how_to_mend(value: str) -> tuple[str, ...]:
    if abs(number(value) or 0) > LARGEST_FLOAT:
        return (f"models compute in float32, whose largest number is {LARGEST_FLOAT:.3g}",)
    if number(value.replace(",", ".", 1)) is not None:
        return ("expected a decimal point; replace the commas in the file",)
    return ("if it stands for a missing value, add it to `missing_values`",)


def _samples(
    path: Path,
    features: Sequence[Feature],
    content: tuple[Mapping[str, np.ndarray], Mapping[str, Target]],
    request: Request,
    like: Samples | None,
) -> Samples:
    raw, targets = content
    reading = {
        "kind": "table",
        "missing_values": [str(m) for m in request.get("missing_values", MISSING)],
        "delimiter": request.get("delimiter", ","),
        "targets": [name for target in request.targets for name in target.columns],
    }
    bare = Samples(
        size=len(next(iter(raw.values()))),
        feed=ArrayFeed({}),
        targets=targets,
        tensors={},
        reading=reading,
        fingerprint=hashlib.sha256(path.read_bytes()).hexdigest(),
        raw_tensors={f.column: Tensor((1,), f.raw_dtype) for f in features},
    )
    if like is not None:
        return _preprocessed(
            bare, raw, [Learned.from_plain(p) for p in like.reading["features"]], like.preprocessing
        )

    def learner(training: np.ndarray) -> Samples:
        learned = [learn(feature, raw[feature.column][training]) for feature in features]
        check_width(learned, bare.size, request)
        return _preprocessed(bare, raw, learned, preprocessing_model(learned))

    return replace(bare, learner=learner)


def _preprocessed(
    bare: Samples, raw: Mapping[str, np.ndarray], learned: Sequence[Learned], model: object
) -> Samples:
    inputs = apply(model, learned, raw)
    return replace(
        bare,
        feed=ArrayFeed(inputs),
        tensors={name: tensor_of(array) for name, array in inputs.items()},
        preprocessing=model,
        reading={**bare.reading, "features": [item.as_plain() for item in learned]},
        learner=None,
    )
