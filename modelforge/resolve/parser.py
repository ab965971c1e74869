"""Expression tokens become a syntax tree, by precedence climbing (Pratt)."""

from __future__ import annotations

from functools import lru_cache

from modelforge.findings import did_you_mean, listed
from modelforge.resolve.functions import FUNCTIONS
from modelforge.resolve.syntax import (
    Binary,
    Call,
    Comparison,
    Conditional,
    Index,
    Items,
    Literal,
    Name,
    Tree,
    Unary,
)
from modelforge.resolve.tokens import Token, tokenize
from modelforge.resolve.values import ExpressionError, Unfit, bounded

# Both keep Python's own stack out of question.
MAX_NESTING = 32
MAX_OPERATORS = 100

_BINDS = {
    "or": 2,
    "and": 3,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 5),
    **dict.fromkeys(("+", "-"), 6),
    **dict.fromkeys(("*", "/", "//", "%"), 7),
    "**": 9,
    "[": 10,
    "(": 10,
}
_NOT, _COMPARISON, _SIGN, _POWER = 4, 5, 8, 9
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
RESERVED = frozenset({*_WORDS, "and", "or", "not", "if", "else", "in", "is", "vars", "env", "data"})


@lru_cache(maxsize=1024)  # most specs use the same few expressions again and again
def parse_expression(text: str) -> Tree:
    """The tree of an expression, or an ExpressionError at the token to blame."""
    if not text.strip():
        raise ExpressionError("the expression is empty", 0, len(text))
    parser = _Parser(tokenize(text))
    tree = parser.expression()
    token = parser.token
    if token.kind != "end":
        raise ExpressionError(
            f"`{token.text}` was not expected here", token.start, token.end, hint=_after(token)
        )
    return tree


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._operators = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self.token
        self._next += token.kind != "end"
        return token

    def expression(self) -> Tree:
        """`a if condition else b`, or what binds more tightly."""
        then = self._binary(0)
        if self.token.text != "if" or self.token.kind != "name":
            return then
        start = self._take()
        condition = self._binary(0)
        self._expect("else", start)
        return Conditional(then, condition, self.expression(), start.start, start.end)

    def _binary(self, least: int) -> Tree:
        self._depth += 1
        if self._depth > MAX_NESTING:
            token = self.token
            raise ExpressionError("the expression is nested too deeply", token.start, token.end)
        left = self._prefix()
        while (power := self._power()) > least:
            token = self._operator()
            if token.text == "[":
                left = self._index(left, token)
            elif token.text == "(":
                raise ExpressionError("only functions can be called", token.start, token.end)
            elif power == _COMPARISON:
                left = self._comparison(left, token)
            else:
                # The power's right side takes signs (2 ** -1) and groups to the right.
                right = self._binary(_SIGN - 1 if token.text == "**" else power)
                left = Binary(token.text, left, right, token.start, token.end)
        self._depth -= 1
        return left

    def _operator(self) -> Token:
        token = self._take()
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise ExpressionError(
                f"an expression has at most {MAX_OPERATORS} operators", token.start, token.end
            )
        return token

    def _power(self) -> int:
        token = self.token
        is_operator = token.kind == "operator" or token.text in ("and", "or")
        return _BINDS.get(token.text, 0) if is_operator else 0

    def _comparison(self, first: Tree, token: Token) -> Tree:
        rest = [(token.text, self._binary(_COMPARISON))]
        while self._power() == _COMPARISON:
            rest.append((self._take().text, self._binary(_COMPARISON)))
        return Comparison(first, tuple(rest), token.start, token.end)

    def _prefix(self) -> Tree:
        token = self._take()
        if token.kind == "number":
            return _number(token)
        if token.kind == "string":
            return Literal(token.text[1:-1], token.start, token.end)
        if token.text == "not":
            return Unary("not", self._binary(_NOT - 1), token.start, token.end)
        if token.kind == "name":
            return self._name(token)
        if token.text in ("-", "+"):
            return Unary(token.text, self._binary(_SIGN), token.start, token.end)
        if token.text == "(":
            inner = self.expression()
            self._expect(")", token)
            return inner
        if token.text == "[":
            items, end = self._list("]", token)
            return Items(items, token.start, end)
        message = (
            "the expression ends too early"
            if token.kind == "end"
            else (f"a value is missing before `{token.text}`")
        )
        raise ExpressionError(message, token.start, token.end)

    def _name(self, token: Token) -> Tree:
        if self.token.text == "(" and self.token.kind == "operator":
            return self._call(token)
        if token.text in _WORDS:
            return Literal(_WORDS[token.text], token.start, token.end)
        if token.text in RESERVED:
            raise ExpressionError(
                f"`{token.text}` is not a value", token.start, token.end, hint=_after(token)
            )
        return Name(token.text, token.start, token.end)

    def _call(self, token: Token) -> Tree:
        if token.text not in FUNCTIONS:
            raise ExpressionError(
                f"there is no function `{token.text}`",
                token.start,
                token.end,
                hint=did_you_mean(token.text, FUNCTIONS),
                rule="unknown-function",
                notes=(f"functions: {listed(FUNCTIONS, 20)}",),
            )
        arguments, _ = self._list(")", self._take())
        return Call(token.text, arguments, token.start, token.end)

    def _list(self, closer: str, opener: Token) -> tuple[tuple[Tree, ...], int]:
        items: list[Tree] = []
        while self.token.text != closer or self.token.kind != "operator":
            items.append(self.expression())
            if self.token.text != ",":
                break
            self._take()
        return tuple(items), self._expect(closer, opener).end

    def _index(self, value: Tree, opener: Token) -> Tree:
        index = self.expression()
        end = self._expect("]", opener).end
        return Index(value, index, opener.start, end)

    def _expect(self, text: str, opener: Token) -> Token:
        token = self._take()
        if token.text == text and token.kind != "string":
            return token
        if token.kind == "end":
            raise ExpressionError(f"`{opener.text}` has no `{text}`", opener.start, opener.end)
        raise ExpressionError(
            f"expected `{text}`, found `{token.text}`", token.start, token.end, hint=_after(token)
        )


def _number(token: Token) -> Literal:
    is_integer = token.text.isdigit()
    try:
        value = bounded(int(token.text) if is_integer else float(token.text))
    except Unfit:
        raise ExpressionError(
            f"the number {token.text} is too large", token.start, token.end
        ) from None
    return Literal(value, token.start, token.end)


def _after(token: Token) -> str:
    if token.text in ("in", "is"):
        return "expressions know `==`, `!=`, `<`, `<=`, `>`, `>=`"
    if token.text in ("vars", "env", "data"):
        return f"write `{token.text}.name`"
    if token.kind in ("name", "number", "string"):
        return "is an operator missing before it?"
    return ""
