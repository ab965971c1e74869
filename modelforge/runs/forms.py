"""What the files of a run hold: a damaged one is told before anybody works with its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

# A type (or several), the only texts that may stand there, a list of one form, or a mapping.
Form: TypeAlias = "type | tuple[type, ...] | frozenset[str] | list[Form] | Fields | Each"


@dataclass(frozen=True)
class Fields:
    """A mapping with these keys; closed: with no others."""

    needed: Mapping[str, Form] = field(default_factory=dict)
    optional: Mapping[str, Form] = field(default_factory=dict)
    closed: bool = False


@dataclass(frozen=True)
class Each:
    """A mapping from any names to values of one form."""

    form: Form


NUMBER = (int, float)
_PHASE = Fields(
    {
        "name": str,
        "before": int,
        "epochs": int,
        "best_epoch": (int, type(None)),
        "best": Each(NUMBER),
    },
)
STATE = Fields(
    {"state": frozenset({"running", "finished", "interrupted", "failed"})},
    {
        "reason": str, "started": str, "ended": str, "monitor": str, "host": str,
        "epochs": int, "planned_epochs": int, "pid": int, "seconds": NUMBER,
        "best": Each(NUMBER), "final": Each(NUMBER),
        "best_epoch": (int, type(None)), "restored_epoch": (int, type(None)),
        "phases": [_PHASE], "best_of": str,
    },
)  # fmt: skip
_LEARNED = Fields(
    {"column": str, "kind": str},
    {
        "missing": bool, "offset": NUMBER, "scale": NUMBER, "bins": int,
        "vocabulary": [(str, int)], "boundaries": [NUMBER],
    },
    closed=True,
)  # fmt: skip
_READING: dict[str, Fields] = {
    "table": Fields(
        {"missing_values": [str], "delimiter": str, "features": [_LEARNED]},
        {"targets": [str], "target": str},
    ),
    "arrays": Fields(
        {"inputs": Each([(int, type(None))])}, {"arrays": Each(str), "columns": [str]}
    ),
    "images": Fields(
        {"kind": str, "height": int, "width": int},
        {"color_mode": str, "resize": str, "interpolation": str},
        closed=True,
    ),
}
_TARGET = Fields({"output": str, "classes": [(str, int)]}, {"kind": str, "input": str})
_DATA = Fields(
    {},
    {
        "sources": Each(Fields()), "splits": Each(Fields({}, {"size": int, "steps": int})),
        "classes": [(str, int)], "targets": [_TARGET], "inputs": Each(Fields()),
        "reading": Fields({}, {"kind": frozenset(_READING)}),
    },
)  # fmt: skip

_OUTPUT: dict[str, Form] = {
    "output": (str, type(None)),
    "classification": (dict, type(None)),
    "regression": (dict, type(None)),
    "multi_label": (dict, type(None)),
}
_EVALUATION = Fields({}, {**_OUTPUT, "metrics": Each(NUMBER), "others": [Fields({}, _OUTPUT)]})
_CLASS = Fields({"name": (str, int), "precision": NUMBER, "recall": NUMBER, "f1": NUMBER,
                 "support": int})  # fmt: skip
_CLASSES = Fields({"accuracy": NUMBER, "macro_f1": NUMBER, "classes": [_CLASS],
                   "confusion": [[int]]})  # fmt: skip
_LABEL = Fields({"name": str, "precision": NUMBER, "recall": NUMBER, "f1": NUMBER,
                 "average_precision": (*NUMBER, type(None)), "auc": (*NUMBER, type(None)),
                 "support": int})  # fmt: skip
_LABELS = Fields({"threshold": NUMBER, "subset_accuracy": NUMBER, "hamming_loss": NUMBER,
                  "macro": _LABEL, "micro": _LABEL, "labels": [_LABEL]})  # fmt: skip
_EXPORTS = Fields({}, {"exports": [Fields({}, {"size": NUMBER, "max_difference": NUMBER})]})


def state_misfit(value: Any) -> str:
    """What is wrong with the values of `state.json`; empty where nothing is."""
    return _misfit(value, STATE, "")


def data_misfit(value: Any) -> str:
    """What is wrong with the values of `data.json`; empty where nothing is."""
    found = _misfit(value, _DATA, "")
    if found or not value.get("reading"):
        return found
    reading = value["reading"]
    kind = reading.get("kind")
    return _misfit(reading, _READING[kind], "reading") if kind in _READING else "no `reading.kind`"


def evaluation_misfit(value: Any) -> str:
    """What is wrong with the values of `evaluation-SPLIT.json`; empty where nothing is."""
    found = _misfit(value, _EVALUATION, "")
    return found or _first(map(_scores_misfit, [value, *value.get("others", ())]))


def exports_misfit(value: Any) -> str:
    """What is wrong with the values of `export.json`; empty where nothing is."""
    return _misfit(value, _EXPORTS, "")


def _scores_misfit(output: Mapping[str, Any]) -> str:
    classes = output.get("classification")
    if labels := output.get("multi_label"):
        return _misfit(labels, _LABELS, "multi_label")
    if not classes:
        return _misfit(output.get("regression") or {}, Each(NUMBER), "regression")
    found = _misfit(classes, _CLASSES, "classification")
    sides = {len(row) for row in (classes["classes"], *classes["confusion"])} if not found else ()
    square = found or sides == {len(classes["confusion"])}
    return found or ("" if square else "`classification.confusion` is not square")


def _misfit(value: Any, form: Form, where: str) -> str:
    """The first value that is not of its form, as a sentence; empty where all are."""
    if isinstance(form, Fields | Each):
        return _of_mapping(value, form, where)
    if isinstance(form, list):
        if not isinstance(value, list):
            return _said(where, "is no list")
        return _first(_misfit(it, form[0], f"{where}.{n}") for n, it in enumerate(value))
    if isinstance(form, frozenset):
        fits = isinstance(value, str) and value in form
        return "" if fits else _said(where, f"is none of {', '.join(sorted(form))}")
    types = form if isinstance(form, tuple) else (form,)
    # Truth values are integers to Python.
    fits = isinstance(value, types) and (not isinstance(value, bool) or bool in types)
    return "" if fits else _said(where, f"is {type(value).__name__}")


def _of_mapping(value: Any, form: Fields | Each, where: str) -> str:
    if not isinstance(value, dict):
        return _said(where, "is no mapping")
    if isinstance(form, Each):
        return _first(_misfit(item, form.form, _path(where, key)) for key, item in value.items())
    absent = [key for key in form.needed if key not in value]
    if absent:
        return _said(_path(where, absent[0]), "is missing")
    known = {**form.needed, **form.optional}
    unknown = [key for key in value if key not in known and key != "kind"]
    if form.closed and unknown:
        return _said(_path(where, unknown[0]), "is not known")
    return _first(
        _misfit(value[key], item, _path(where, key)) for key, item in known.items() if key in value
    )


def _first(found: Any) -> str:
    return next((misfit for misfit in found if misfit), "")


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _said(where: str, what: str) -> str:
    return f"`{where}` {what}" if where else f"it {what}"
