"""Syntax errors of the YAML parser, said in a user's words and blamed on the likely cause."""

from __future__ import annotations

from collections.abc import Callable

from modelforge.document import brackets, keys, layout, marks
from modelforge.document.breakage import Breakage
from modelforge.findings import Finding, Findings, Source

# The first that knows the trouble tells it.
_DIAGNOSES: tuple[Callable[[Breakage], Finding | None], ...] = (
    layout.tab,
    keys.long_key,
    brackets.unclosed_quote,
    brackets.bracket,
    layout.colon,
    layout.no_colon,
    marks.block_text,
    marks.directive,
    layout.block,
    marks.bad_start,
    brackets.no_content,
    marks.misplaced,
    marks.escape,
    marks.anchor,
    marks.tag,
    marks.after_end,
)


def report_syntax(error: Exception, source: Source, findings: Findings) -> None:
    """Adds the one finding that a parser's error becomes; the parser stops at its first."""
    broken = Breakage(error, source)
    for diagnosis in _DIAGNOSES:
        finding = diagnosis(broken)
        if finding is not None:
            findings.extend([finding])
            return
    findings.extend([_otherwise(broken)])


def _otherwise(broken: Breakage) -> Finding:
    words = f"{broken.problem} {broken.context}".strip() or "the text cannot be read"
    return Finding("syntax", f"this is not YAML: {words}", broken.span())
