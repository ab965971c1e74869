"""One thing that is wrong: the single type for syntax, schema, graph, data, training and lint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

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
        """The related places, and the uses through which the blamed text stands where it does."""
        return (*self.related, *self.span.uses) if self.span else self.related


@dataclass
class Findings:
    """The collector that every stage is handed: stages add to it and go on; they do not raise.

    A finding counts once, however often it is added; so does what is wrong in a text that is used
    many times (a block), whatever differs from use to use.
    """

    # A dictionary for its order and its uniqueness: what an aliased node is blamed for, every
    # use of the alias would be blamed for again.
    items: dict[Finding, None] = field(default_factory=dict)
    _used: set[tuple[str, str, Span]] = field(default_factory=set)

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
        self._add(finding)

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
        self._add(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Adds findings that another stage made."""
        for finding in findings:
            self._add(finding)

    def _add(self, finding: Finding) -> None:
        if finding.span and finding.span.uses and finding not in self.items:
            written = (finding.severity, finding.rule, finding.span.used(()))
            if written in self._used:
                return
            self._used.add(written)
        self.items[finding] = None

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


def _place(finding: Finding) -> tuple[str, int, int]:
    if finding.span is None:
        return ("", 0, 0)
    return (finding.span.source.name, finding.span.line, finding.span.column)
