"""Where a YAML parser stopped, and what stands around that place."""

from __future__ import annotations

import re
from typing import Any

from modelforge.findings import Source, Span

# Brackets, and what hides them: quoted text and comments.
_BRACKETS = re.compile(r"""(?<!\w)'[^']*'|"(?:\\.|[^"\\])*"|(?:^|(?<=\s))\#.*|[\[\]{}]""")


class Breakage:
    """An error of PyYAML: its words (`problem`, `context`) and its places, counted from 1.

    character: what stands at the place; empty at the end of a line or of the text.
    context_place: where the thing began that could not be finished (the bracket, the quote).
    """

    def __init__(self, error: Exception, source: Source) -> None:
        self.source = source
        self.problem = str(getattr(error, "problem", None) or error)
        self.context = str(getattr(error, "context", None) or "")
        last = len(source.lines)
        self.line, self.column = _place(getattr(error, "problem_mark", None)) or (last, 1)
        self.context_place = _place(getattr(error, "context_mark", None))
        self.character = source.line(self.line)[self.column - 1 : self.column]
        if self.line > last or not source.line(self.line):
            self.character = ""

    def line_text(self) -> str:
        """The line where the parser stopped."""
        return self.source.line(self.line)

    def span(self, line: int = 0, column: int = 0, end: int = 0) -> Span:
        """A place in the text, of one character where no end is given; default: where it stopped.

        The end of a text that ends in a line break is shown on its last line.
        """
        line, column = (line, column) if line else (self.line, self.column)
        if line > 1 and not self.source.line(line) and line >= len(self.source.lines):
            line -= 1
            column = len(self.source.line(line)) + 1
        return Span(self.source, line, column, line, end or column + 1)

    def whole_line(self, line: int) -> Span:
        """A line without its indentation and its trailing comment."""
        text = self.source.line(line)
        content = text.split(" #")[0].rstrip()
        start = len(text) - len(text.lstrip()) + 1
        return self.span(line, start, max(len(content), start) + 1)

    def rest_of_line(self) -> Span:
        """From where the parser stopped to the end of the line's content."""
        content = self.line_text().split(" #")[0].rstrip()
        return self.span(self.line, self.column, max(len(content), self.column) + 1)

    def text_above(self) -> int:
        """The number of the nearest line above that holds more than a comment; 0 for none."""
        for number in range(self.line - 1, 0, -1):
            text = self.source.line(number).strip()
            if text and not text.startswith("#"):
                return number
        return 0

    def levels_above(self) -> list[int]:
        """The indentations at which a line could go on here, outermost first."""
        levels: set[int] = set()
        bound = 1 << 30
        for number in range(self.line - 1, 0, -1):
            text = self.source.line(number)
            content = text.lstrip(" ")
            depth = len(text) - len(content)
            if not content or content.startswith("#") or depth >= bound:
                continue
            bound = depth
            levels.add(depth)
            inner = content
            while inner.startswith("- "):
                after = inner[2:].lstrip(" ")
                levels.add(len(text) - len(after))
                inner = after
        return sorted(levels)

    def open_bracket(self) -> Span | None:
        """The innermost bracket that is still open where the parser stopped, or None."""
        opened: list[tuple[int, int]] = []
        for number in range(1, self.line + 1):
            text = self.source.line(number)
            end = self.column - 1 if number == self.line else len(text)
            for match in _BRACKETS.finditer(text, 0, end):
                if match.group() in ("[", "{"):
                    opened.append((number, match.start() + 1))
                elif match.group() in ("]", "}") and opened:
                    opened.pop()
        return self.span(*opened[-1]) if opened else None

    def backslash(self) -> Span:
        """The backslash at or just before the place where the parser stopped."""
        column = self.line_text().rfind("\\", 0, self.column) + 1 or self.column
        return self.span(self.line, column, column + 2)


def _place(mark: Any) -> tuple[int, int] | None:
    return None if mark is None else (mark.line + 1, mark.column + 1)
