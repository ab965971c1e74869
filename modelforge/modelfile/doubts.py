"""What speaks against opening a model file, as findings that all name the file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modelforge.findings import Findings, Span

MOST = 8  # a file that is wrong in more places is wrong as a whole


@dataclass
class Doubts:
    """Gathers findings about one file; `span` is where a spec names it, if one does."""

    path: str
    findings: Findings
    span: Span | None = None
    count: int = 0

    def say(self, rule: str, what: str, *notes: str, hint: str = "") -> None:
        """Adds an error; `what` goes on the sentence that names the file."""
        self.count += 1
        if self.count <= MOST:
            self.findings.error(
                rule, f"`{self.path}` is not opened: {what}", self.span, notes=notes, hint=hint
            )

    def each(self, rule: str, whats: Iterable[str], *notes: str) -> None:
        """Adds an error for each of them, and none twice."""
        for what in dict.fromkeys(whats):
            self.say(rule, what, *notes)


def shown(value: object) -> str:
    """A text from a hostile file, short and printable, in backticks."""
    text = str(value)
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"`{''.join(c if c.isprintable() and c != '`' else '?' for c in text)}`"
