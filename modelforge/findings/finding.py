"""One thing that is wrong: the single type for syntax, schema, graph, data, training and lint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypedDict

from modelforge.findings.span import Related, Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """What was found, what was expected, where, and how to mend it.

    rule: a kebab-case identifier, the same for every finding of this sort (`unknown-argument`).
    message: one sentence without a full stop; names in backticks.
    span: the place to blame; None only where no text is to blame (a missing package, a device).
    hint: what stands behind the carets, mostly the suggestion (did you mean `filters`?).
    notes: further lines, each one thought: what was expected, how to mend it.
    related: other places, such as the first of two equal keys.
    """

    rule: str
    message: str
    span: Span | None = None
    severity: Severity = "error"
    hint: str = ""
    notes: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()

    @property
    def places(self) -> tuple[Related, ...]:
        """The related places, the uses through which the blamed text stands where it does, and for
        each file that a spec extends the place that says so.
        """
        uses = self.span.uses if self.span else ()
        spans = [related.span for related in (*self.related, *uses)]
        extended = _extended([self.span, *spans] if self.span else spans)
        return (*self.related, *uses, *extended)


class Details(TypedDict, total=False):
    """What a finding may say beyond its message; see Finding."""

    hint: str
    notes: Iterable[str]
    related: Iterable[Related]


def _extended(spans: Iterable[Span]) -> Iterable[Related]:
    """Every `extends` on the way to these places, the nearest first."""
    chain: dict[Related, None] = {}
    for span in spans:
        source = span.source
        while source.extended is not None:
            chain[Related(source.extended, f"`{source.name}` is extended")] = None
            source = source.extended.source
    return chain


def finding(
    severity: Severity, rule: str, message: str, span: Span | None, details: Details
) -> Finding:
    """A finding with its details in place."""
    return Finding(
        rule,
        message,
        span,
        severity,
        details.get("hint", ""),
        tuple(details.get("notes", ())),
        tuple(details.get("related", ())),
    )
