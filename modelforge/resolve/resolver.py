"""Goes through the nodes and puts values in the place of `${...}`."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Facts

from modelforge.document import Broken, Entry, Mapping, Node, Plain, Scalar, Sequence, broken, plain
from modelforge.document.limits import MAX_DEPTH
from modelforge.findings import Findings, Span
from modelforge.resolve.evaluate import evaluate
from modelforge.resolve.parser import parse_expression
from modelforge.resolve.scope import Scope, descend
from modelforge.resolve.syntax import Name, Tree, names
from modelforge.resolve.template import Piece, cut, place, whole
from modelforge.resolve.values import ExpressionError, Unfit, as_literal, as_text
from modelforge.resolve.waiting import (
    Waiting,
    as_expression,
    contains_waiting,
    height,
    made,
    placed,
    size,
)

MOST_REPORTED = 100  # expressions; a spec with more wrong ones is wrong as a whole
MAX_BROUGHT = 100_000  # nodes that come into a spec through expressions
MAX_READ = 300_000  # nodes that expressions look at


class _Failed(Exception):
    """A variable that cannot be used; that has been reported where it is declared."""


class Resolver:
    """Resolves one spec: first its variables in order, then the rest."""

    def __init__(self, scope: Scope, findings: Findings) -> None:
        self._scope = scope
        self._findings = findings
        self._variables: dict[str, Node] = {}  # only those that can be used
        self._failures = 0
        self._reported = 0
        self._depth = 0
        self._brought = 0
        self._read = 0

    def variables(self, order: list[str]) -> None:
        """Resolves the variables, each of which uses only earlier ones."""
        for name in order:
            failures = self._failures
            node = self.node(self._scope.declared[name].value)
            if self._failures == failures:
                self._variables[name] = node

    def within(self, node: Node, local: Facts[str, Node]) -> Node:
        """What `node` gives where there are further names: parameters, variables of loops."""
        outer, self._scope.local = self._scope.local, local
        try:
            return self.node(node)
        finally:
            self._scope.local = outer

    def node(self, node: Node) -> Node:
        """The node with everything in it computed; itself where there is nothing to compute."""
        if isinstance(node, Scalar):
            is_template = (
                isinstance(node.value, str) and "${" in node.value and not isinstance(node, Broken)
            )
            return self._scalar(node) if is_template else node
        self._depth += 1
        new = self._sequence(node) if isinstance(node, Sequence) else self._mapping(node)
        self._depth -= 1
        return new

    def _sequence(self, node: Sequence) -> Sequence:
        items = [self.node(item) for item in node.items]
        same = all(new is old for new, old in zip(items, node.items, strict=True))
        return node if same else Sequence(items, node.span)

    def _mapping(self, node: Mapping) -> Mapping | Broken:
        entries: dict[str, Entry] = {}
        same, readable = True, True
        for key, entry in node.entries.items():
            if "${" in key:
                self._computed_key(entry)
                readable = False
            value = self.node(entry.value)
            changed = value is not entry.value
            same = same and not changed
            entries[key] = Entry(key, entry.key_span, value) if changed else entry
        if not readable:
            return broken(node.span)
        return node if same else Mapping(entries, node.span)

    def _scalar(self, scalar: Scalar) -> Node:
        assert isinstance(scalar.value, str)
        pieces = cut(scalar.value)
        parts = [self._compute(scalar, piece) for piece in pieces]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return broken(scalar.span)
        if whole(pieces):
            return known[0]
        texts = [self._text(scalar, *pair) for pair in zip(pieces, known, strict=True)]
        known_texts = [text for text in texts if text is not None]
        if len(known_texts) < len(texts):
            return broken(scalar.span)
        if any(isinstance(part, Waiting) for part in known):
            return _joined(scalar, known, known_texts)
        return Scalar("".join(known_texts), scalar.span, True, scalar.origin)

    def _text(self, scalar: Scalar, piece: Piece, node: Node) -> str | None:
        """A part of a longer text as text; None after a finding."""
        if isinstance(node, Waiting):
            return str(node.value)
        try:
            return as_text(plain(node))
        except Unfit as unfit:
            self._report(ExpressionError(str(unfit), 0, len(piece.text)), scalar, piece)
            return None

    def _compute(self, scalar: Scalar, piece: Piece) -> Node | None:
        """The value of a piece, placed where it is used; None after a finding."""
        if not piece.is_expression:
            return Scalar(piece.text, scalar.span, True)
        if self._reported == MOST_REPORTED:
            self._failures += 1
            return None
        try:
            if not piece.closed:
                raise ExpressionError("`${` has no `}`", -2, 0)
            tree = parse_expression(piece.text)
            node = self._value(tree, piece, scalar.span)
            self._bound(node, len(piece.text))
            return node
        except _Failed:
            self._failures += 1
        except ExpressionError as error:
            self._report(error, scalar, piece)
        return None

    def _value(self, tree: Tree, piece: Piece, span: Span) -> Node:
        used = {name: self._variable(name) for name in names(tree)}
        self._count(used.values(), len(piece.text))
        if isinstance(tree, Name) and (variable := used[tree]) is not None:
            return placed(variable, span)
        if any(
            self._scope.waits(name) if node is None else contains_waiting(node)
            for name, node in used.items()
        ):
            expression = self._written_out(piece.text, used)
            return Waiting("${" + expression + "}", span, False, None, expression)

        def look_up(name: Name) -> Plain:
            node = used[name]
            return self._scope.outside(name) if node is None else plain(node)

        origins = [_origin(node) for node in used.values() if node is not None]
        return made(evaluate(tree, look_up), span, origins[0] if origins else None)

    def _count(self, nodes: Iterable[Node | None], length: int) -> None:
        if self._read <= MAX_READ:
            self._read += sum(size(node) for node in nodes if node is not None)
        if self._read > MAX_READ:
            message = f"the expressions of the spec look at more than {MAX_READ} values"
            raise ExpressionError(message, 0, length)

    def _variable(self, name: Name) -> Node | None:
        """The value of the variable that a name speaks of; None for `env.` and `data.`."""
        local = self._scope.local.get(name.name.split(".")[0])
        if local is not None:
            if isinstance(local, Broken):
                raise _Failed
            return descend(local, name)
        variable = self._scope.variable(name)
        if variable is None:
            return None
        if variable not in self._variables:
            raise _Failed
        return descend(self._variables[variable], name)

    def _written_out(self, text: str, used: dict[Name, Node | None]) -> str:
        """An expression with values in the place of its variables."""
        result, position = "", 0
        for name in sorted(used, key=lambda name: name.start):
            node = used[name]
            if node is not None:
                value = as_expression(node)
            elif name.name.startswith("env."):
                value = as_literal(self._scope.outside(name))
            else:
                value = name.name
            if value is None:
                raise ExpressionError(
                    f"`{name.name}` cannot stand beside a fact of the data", name.start, name.end
                )
            result += text[position : name.start] + value
            position = name.end
        result += text[position:]
        parse_expression(result)  # it may have grown over a bound
        return result.strip()

    def _bound(self, node: Node, length: int) -> None:
        self._brought += size(node)
        if self._brought > MAX_BROUGHT:
            raise ExpressionError(
                f"expressions bring more than {MAX_BROUGHT} values into the spec", 0, length
            )
        if self._depth + height(node) > MAX_DEPTH:
            raise ExpressionError(
                f"with this value the spec is nested more than {MAX_DEPTH} levels deep", 0, length
            )

    def _report(self, error: ExpressionError, scalar: Scalar, piece: Piece) -> None:
        self._failures += 1
        self._reported += 1
        span = place(scalar, piece, error.start, error.end)
        self._findings.error(error.rule, error.message, span, hint=error.hint, notes=error.notes)

    def _computed_key(self, entry: Entry) -> None:
        self._findings.error(
            "computed-key",
            "a key cannot be computed",
            entry.key_span,
            notes=["`${...}` stands in values only"],
        )


def _joined(scalar: Scalar, parts: list[Node], texts: list[str]) -> Waiting:
    """A text that has parts still to come."""
    shown, expressions = "", []
    for part, text in zip(parts, texts, strict=True):
        waits = isinstance(part, Waiting)
        shown += text if waits else text.replace("${", "$${")
        expressions.append(
            f"str({part.expression})" if isinstance(part, Waiting) else as_literal(text) or "''"
        )
    return Waiting(shown, scalar.span, True, scalar.origin, " + ".join(expressions))


def _origin(node: Node) -> Span:
    return (node.origin or node.span) if isinstance(node, Scalar) else node.span
