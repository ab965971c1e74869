"""Expression text becomes tokens."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from modelforge.document.limits import MAX_LITERAL
from modelforge.resolve.values import ExpressionError

MAX_EXPRESSION = 1_000  # characters

TokenKind = Literal["number", "string", "name", "operator", "end"]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
    |(?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    |(?P<string>'[^']*'|"[^"]*")
    |(?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],])""",
    re.VERBOSE,
)
_HABITS = {
    "=": "write `==` to compare",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`",
    "^": "write `**` for a power",
    "?": "write `a if condition else b`",
    ":": "lists are indexed one item at a time",
    "{": "expressions have no mappings",
    "$": "names stand without `$` inside an expression",
}


class Token(NamedTuple):
    """A piece of an expression and its offsets in the text."""

    kind: TokenKind
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of an expression, an `end` token last."""
    if len(text) > MAX_EXPRESSION:
        raise ExpressionError(
            f"an expression of {len(text)} characters is too long (at most {MAX_EXPRESSION})",
            0,
            len(text),
        )
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unexpected(text, position)
        position = match.end()
        if match.lastgroup != "space":
            tokens.append(_token(match))
    return [*tokens, Token("end", "", len(text), len(text))]


def _token(match: re.Match[str]) -> Token:
    text, start, end = match.group(), match.start(), match.end()
    after = match.string[end : end + 1]
    if match.lastgroup == "number" and (after.isalnum() or after == "_" or after == "."):
        raise ExpressionError(f"`{text}{after}` is not a number", start, end + 1)
    if match.lastgroup == "number" and len(text) > MAX_LITERAL:
        raise ExpressionError(f"a number of {len(text)} characters is too long", start, end)
    return Token(match.lastgroup, text, start, end)  # type: ignore[arg-type]


def _unexpected(text: str, position: int) -> ExpressionError:
    character = text[position]
    if character in "'\"":
        return ExpressionError("this text is never closed", position, len(text))
    return ExpressionError(
        f"`{character}` means nothing in an expression",
        position,
        position + 1,
        hint=_HABITS.get(character, ""),
    )
