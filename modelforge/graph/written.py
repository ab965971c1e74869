"""A finding about the value of a variable or an alias blames where that value is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from modelforge.document import Node, Scalar, every_entry, every_scalar
from modelforge.findings import Finding, Findings, ModelForgeError, Related, Span

MOST_USES = 5  # places of use that a finding shows

# What stands for a value as it is; any other expression computes a value of its own.
_NAMES_A_VALUE = re.compile(r"""["']?\$\{\s*[\w.]+\s*\}["']?|\*\S+""")


def blame_written(root: Node, findings: Findings) -> None:
    """Moves findings to where their values are written, and relates the place that uses them."""
    origins = {node.span: node.origin for node in every_scalar(root) if node.origin is not None}
    if any(finding.span in origins for finding in findings.items):
        moved = [_moved(finding, origins) for finding in findings.items]
        findings.items = dict.fromkeys(_together(moved))


@contextmanager
def blaming(root: Node, findings: Findings) -> Iterator[None]:
    """Does the same for what a later stage finds, adds or raises.

    Such a stage blames an argument at its key, so the key leads to the value.
    """
    try:
        yield
    except ModelForgeError as error:
        raised = Findings()
        raised.extend(error.findings)
        blame_later(root, raised)
        error.findings = tuple(raised)
        raise
    finally:
        blame_later(root, findings)


def blame_later(root: Node, findings: Findings) -> None:
    """Does it for findings of a later stage, which are blamed on keys."""
    if not len(findings):
        return
    values = {
        entry.key_span: entry.value.span
        for entry in every_entry(root)
        if isinstance(entry.value, Scalar) and entry.value.origin is not None
    }
    at_values = [
        replace(finding, span=values.get(finding.span, finding.span)) if finding.span else finding
        for finding in findings.items
    ]
    findings.items = dict.fromkeys(at_values)
    blame_written(root, findings)


def _together(findings: list[Finding]) -> Iterator[Finding]:
    """What is wrong with one value in the same way at several uses is one finding."""
    uses: dict[Finding, dict[Related, None]] = {}
    for finding in findings:
        uses.setdefault(replace(finding, related=()), {}).update(dict.fromkeys(finding.related))
    for finding, related in uses.items():
        yield replace(finding, related=tuple(related)[:MOST_USES])


def names_a_value(span: Span) -> bool:
    """Whether what is written there stands for a value as it is: `${name}` or `*name`."""
    line = span.source.line(span.line)[span.column - 1 : span.first_line().end_column - 1]
    return _NAMES_A_VALUE.fullmatch(line) is not None


def _moved(finding: Finding, origins: dict[Span, Span]) -> Finding:
    span = finding.span
    origin = origins.get(span) if span is not None else None
    if span is None or origin is None:
        return finding
    if names_a_value(span):
        # The origin knows where the value was written; through which block, only the use knows.
        origin = origin.used(span.uses)
        return replace(finding, span=origin, related=(Related(span, "used"), *finding.related))
    return replace(finding, related=(*finding.related, Related(origin, "computed from the value")))
