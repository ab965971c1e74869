"""One thing that is wrong: the single type for syntax, schema, graph, data, training and lint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from modelforge.findings.span import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Related:
    """Another place that has to do with a finding, and why."""

    span: Span
    label: str


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

    def __post_init__(self) -> None:
        """Tells, for a place in a file that another one extends, who brought it in."""
        if self.span is not None and self.span.source.extended is not None:
            known = [related for related in self.related if related not in _extended(self.span)]
            object.__setattr__(self, "related", (*known, *_extended(self.span)))


@dataclass
class Findings:
    """The collector that every stage is handed: stages add to it and go on; they do not raise.

    A finding counts once, however often it is added.
    """

    # A dictionary for its order and its uniqueness: what an aliased node is blamed for, every
    # use of the alias would be blamed for again.
    items: dict[Finding, None] = field(default_factory=dict)

    def error(
        self,
        rule: str,
        message: str,
        span: Span | None = None,
        *,
        hint: str = "",
        notes: Iterable[str] = (),
        related: Iterable[Related] = (),
    ) -> None:
        """Adds an error."""
        finding = Finding(rule, message, span, "error", hint, tuple(notes), tuple(related))
        self.items[finding] = None

    def warning(
        self,
        rule: str,
        message: str,
        span: Span | None = None,
        *,
        hint: str = "",
        notes: Iterable[str] = (),
        related: Iterable[Related] = (),
    ) -> None:
        """Adds a warning."""
        finding = Finding(rule, message, span, "warning", hint, tuple(notes), tuple(related))
        self.items[finding] = None

    def extend(self, findings: Iterable[Finding]) -> None:
        """Adds findings that another stage made."""
        self.items.update(dict.fromkeys(findings))

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self.items, key=_place))

    def __len__(self) -> int:
        return len(self.items)

    @property
    def errors(self) -> list[Finding]:
        """The errors, in the order of the text."""
        return [finding for finding in self if finding.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """The warnings, in the order of the text."""
        return [finding for finding in self if finding.severity == "warning"]

    def stop_on_errors(self) -> None:
        """Raises Refused with everything found so far if there is an error among it."""
        from modelforge.findings.errors import Refused

        if self.errors:
            raise Refused(list(self))


def _extended(span: Span) -> list[Related]:
    """Every `extends` on the way to a place, the nearest first."""
    chain, source = [], span.source
    while source.extended is not None:
        chain.append(Related(source.extended, f"`{source.name}` is extended"))
        source = source.extended.source
    return chain


def _place(finding: Finding) -> tuple[str, int, int]:
    if finding.span is None:
        return ("", 0, 0)
    return (finding.span.source.name, finding.span.line, finding.span.column)
