"""The collector of findings that every stage is handed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Unpack

from modelforge.findings.errors import Refused
from modelforge.findings.finding import Details, Finding, finding
from modelforge.findings.span import Span

MOST_OF_A_RULE = 50


@dataclass
class Findings:
    """Stages add to it and go on; they do not raise.

    A finding counts once, however often it is added; so does what is wrong in a text that is used
    many times (a block), whatever differs from use to use.
    """

    # A dictionary for its order and its uniqueness: what an aliased node is blamed for, every
    # use of the alias would be blamed for again.
    items: dict[Finding, None] = field(default_factory=dict)
    _of_rule: Counter[str] = field(default_factory=Counter)
    _used: set[tuple[str, str, Span]] = field(default_factory=set)

    def error(
        self, rule: str, message: str, span: Span | None = None, **details: Unpack[Details]
    ) -> None:
        """Adds an error."""
        self._add(finding("error", rule, message, span, details))

    def warning(
        self, rule: str, message: str, span: Span | None = None, **details: Unpack[Details]
    ) -> None:
        """Adds a warning."""
        self._add(finding("warning", rule, message, span, details))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Adds findings that another stage made."""
        for found in findings:
            self._add(found)

    def _add(self, found: Finding) -> None:
        if found.span and found.span.uses and found not in self.items:
            written = (found.severity, found.rule, found.span.used(()))
            if written in self._used:
                return
            self._used.add(written)
        if not self.enough(found.rule):
            self._of_rule[found.rule] += 1
            self.items[found] = None

    def enough(self, rule: str) -> bool:
        """Whether there are so many findings of a rule that further ones are not kept.

        Who repeats a mistake ten thousand times needs no list of it; the search for what was meant
        each time would take minutes.
        """
        return self._of_rule[rule] >= MOST_OF_A_RULE

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self.items, key=_place))

    def __len__(self) -> int:
        return len(self.items)

    @property
    def errors(self) -> list[Finding]:
        """The errors, in the order of the text."""
        return [found for found in self if found.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """The warnings, in the order of the text."""
        return [found for found in self if found.severity == "warning"]

    def stop_on_errors(self) -> None:
        """Raises Refused with everything found so far if there is an error among it."""
        if self.errors:
            raise Refused(list(self))


def _place(found: Finding) -> tuple[str, int, int]:
    if found.span is None:
        return ("", 0, 0)
    return (found.span.source.name, found.span.line, found.span.column)
