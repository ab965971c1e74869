"""A text with `${...}` in it is cut into its pieces, each with its place in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from modelforge.document import Scalar
from modelforge.findings import Span

_OPEN = re.compile(r"\$?\$\{")
_SKIPPED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True)
class Piece:
    """Literal text, or an expression without its `${` and `}`; start is an offset in the value."""

    text: str
    start: int
    is_expression: bool
    closed: bool = True


def cut(text: str) -> list[Piece]:
    """The pieces of a text; `$${` is a literal `${`."""
    pieces: list[Piece] = []
    literal, position = "", 0
    while match := _OPEN.search(text, position):
        literal += text[position : match.start()]
        position = match.end()
        if match.group() == "$${":
            literal += "${"
            continue
        if literal:
            pieces.append(Piece(literal, match.start() - len(literal), False))
            literal = ""
        end = _closing(text, position)
        closed = end < len(text)
        pieces.append(Piece(text[position:end], position, True, closed))
        position = min(end + 1, len(text))
    literal += text[position:]
    if literal or not pieces:
        pieces.append(Piece(literal, position, False))
    return pieces


def whole(pieces: list[Piece]) -> bool:
    """Whether a scalar is a single `${...}`, which keeps its type."""
    return len(pieces) == 1 and pieces[0].is_expression


def place(scalar: Scalar, piece: Piece, start: int, end: int) -> Span:
    """The span of offsets in an expression, exact where its text stands in the file as it is.

    Escapes and folded lines make a value differ from what was written; then the expression, and
    if not even that can be found, the scalar is to blame.
    """
    value, span = scalar.value, scalar.origin or scalar.span
    assert isinstance(value, str)
    wanted = "${" + piece.text
    before = value.count(wanted, 0, piece.start - 2)
    for number in range(span.line, span.end_line + 1):
        line = span.source.line(number)
        first = span.column - 1 if number == span.line else 0
        last = span.end_column - 1 if number == span.end_line else len(line)
        count = line.count(wanted, first, last)
        if before < count:
            column = first
            for _ in range(before + 1):
                column = line.index(wanted, column, last) + 1
            at = column + 2
            last = at + max(end, start + 1)
            return Span(span.source, number, at + start, number, last, span.uses)
        before -= count
    return span


def _closing(text: str, position: int) -> int:
    """The offset of the `}` that ends an expression, or the length of the text."""
    while position < len(text):
        quoted = _SKIPPED.match(text, position)
        if quoted:
            position = quoted.end()
        elif text[position] == "}":
            return position
        else:
            position += 1
    return position
