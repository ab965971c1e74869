"""Findings as a program reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from modelforge.findings.finding import Finding
from modelforge.findings.span import Span

SCHEMA_VERSION = 1


def render(findings: Iterable[Finding]) -> str:
    """A JSON object `{"schema_version": 1, "findings": [...]}` on several lines."""
    document = {"schema_version": SCHEMA_VERSION, "findings": [as_dict(f) for f in findings]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_dict(finding: Finding) -> dict[str, Any]:
    """One finding with plain values; `where` is None where no text is to blame."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "where": _where(finding.span),
        "hint": finding.hint,
        "notes": list(finding.notes),
        "related": [{"label": r.label, "where": _where(r.span)} for r in finding.places],
    }


def _where(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
