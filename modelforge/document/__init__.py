"""YAML 1.2 text becomes nodes that know their file, line and column."""

from modelforge.document.nodes import (
    Broken,
    Entry,
    Mapping,
    Node,
    Path,
    Plain,
    Scalar,
    Sequence,
    at,
    broken,
    every_entry,
    every_scalar,
    key_span,
    plain,
)
from modelforge.document.parse import parse, parse_value, read_document
from modelforge.document.scalars import Problem, resolve_plain

__all__ = [
    "Broken",
    "Entry",
    "Mapping",
    "Node",
    "Path",
    "Plain",
    "Problem",
    "Scalar",
    "Sequence",
    "at",
    "broken",
    "every_entry",
    "every_scalar",
    "key_span",
    "parse",
    "parse_value",
    "plain",
    "read_document",
    "resolve_plain",
]
