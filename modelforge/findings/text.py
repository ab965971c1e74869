"""Findings as a terminal shows them: place, rule, excerpt, carets, hint, notes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable

from modelforge.findings.finding import Finding
from modelforge.findings.span import Span

WIDEST = 120  # a longer line is cut around the place, so that a minified spec stays readable

_STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "gutter": "2", "caret": "1;31"}


def render(findings: Iterable[Finding], *, color: bool = False) -> str:
    """All findings, one blank line between them, ending in a newline; empty for none."""
    return "\n".join(render_one(finding, color=color) for finding in findings)


def render_one(finding: Finding, *, color: bool = False) -> str:
    """One finding, ending in a newline.

    >>> render_one(Finding("no-data", "the spec has no `data`"))
    'error[no-data]: the spec has no `data`\\n'
    """
    paint = _painter(color)
    head = paint(finding.severity, f"{finding.severity}[{finding.rule}]")
    head += f": {_visible(finding.message)}"
    lines = [f"{_visible(str(finding.span))}: {head}" if finding.span else head]
    hint = _visible(finding.hint)
    if finding.span:
        lines += _excerpt(finding.span, hint, color=color)
    elif hint:
        lines.append(f"  {hint}")
    lines += [f"  {paint('note', 'note')}: {_visible(note)}" for note in finding.notes]
    for related in finding.places:
        label = _visible(f"{related.label} at {related.span}")
        lines.append(f"  {paint('note', 'note')}: {label}")
        lines += _excerpt(related.span, "", color=color)
    return "\n".join(lines) + "\n"


def summary(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`; `nothing to report` for none."""
    severities = [finding.severity for finding in findings]
    counts = [(severities.count("error"), "error"), (severities.count("warning"), "warning")]
    return (
        ", ".join(f"{n} {word}{'s' if n > 1 else ''}" for n, word in counts if n)
        or "nothing to report"
    )


def _excerpt(span: Span, hint: str, *, color: bool) -> list[str]:
    line = span.source.line(span.line)
    if not line.strip():
        return [f"  {hint}"] if hint else []
    paint = _painter(color)
    part = span.first_line()
    start, end = part.column - 1, max(part.column, min(part.end_column - 1, len(line)))
    shown, start, end = _cut(line, start, end)
    number = str(span.line)
    gutter = max(3, len(number))
    pad = "".join(map(_blank, shown[:start]))
    width = sum(len(_blank(character)) for character in shown[start:end])
    marks = paint("caret", "^" * max(1, width) + (f" {hint}" if hint else ""))
    return [
        f" {paint('gutter', number.rjust(gutter) + ' |')} {_visible(shown)}",
        f" {paint('gutter', ' ' * gutter + ' |')} {pad}{marks}",
    ]


def _blank(character: str) -> str:
    """As much room as a character takes on a terminal, so that carets stand below their text."""
    if character == "\t":
        return "\t"
    if unicodedata.combining(character):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "


def _visible(text: str) -> str:
    """The text without what would steer the terminal or turn the line around."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in text)


def _cut(line: str, start: int, end: int) -> tuple[str, int, int]:
    if len(line) <= WIDEST:
        return line, start, end
    first = max(0, min(start - 20, len(line) - WIDEST))
    cut = line[first : first + WIDEST]
    lead = "..." if first else ""
    tail = "..." if first + WIDEST < len(line) else ""
    shift = len(lead) - first
    return lead + cut + tail, start + shift, min(end + shift, len(lead) + len(cut))


def _painter(color: bool) -> Callable[[str, str], str]:
    def paint(style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if color else text

    return paint
