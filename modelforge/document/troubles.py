"""The findings of the composer: well-formed YAML that a spec must not contain."""

from __future__ import annotations

from collections import Counter
from typing import Any

from modelforge.document.characters import unseen
from modelforge.document.frame import Frame
from modelforge.document.limits import MAX_ALIASED, MAX_DEPTH, MAX_REPORTED
from modelforge.document.nodes import Broken, Mapping, Sequence, broken
from modelforge.document.scalars import Problem
from modelforge.findings import Findings, Related, Span, did_you_mean, listed


class Troubles:
    """Says each trouble in words; the composer says where."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self._reported: Counter[str] = Counter()

    def _error(self, rule: str, message: str, span: Span, **more: Any) -> None:
        """Adds an error, unless there are plenty of its sort already."""
        self._reported[rule] += 1
        if self._reported[rule] <= MAX_REPORTED:
            self.findings.error(rule, message, span, **more)

    def number(self, problem: Problem, span: Span) -> Broken:
        """A number that cannot be used."""
        self._error(problem.rule, problem.message, span, notes=[problem.note])
        return broken(span)

    def duplicate(self, key: str, span: Span, first: Span) -> None:
        """A key that the mapping has already."""
        self._error(
            "duplicate-key",
            f"the key `{key}` is given twice",
            span,
            hint="delete or rename one of the two",
            related=[Related(first, "it is first given")],
        )

    def empty_key(self, span: Span) -> None:
        """A colon with nothing before it."""
        self._error("empty-key", "there is no key before this colon", span)

    def key_is_collection(self, node: Mapping | Sequence) -> None:
        """A key that is a mapping or a list; mostly a template of another language."""
        span = node.span
        line = span.source.line(span.line)
        if isinstance(node, Mapping) and line[: span.column].endswith("{{"):
            self._error(
                "template-syntax",
                "`{{` does not begin a variable here",
                span._replace(column=span.column - 1),
                hint="write `${name}`",
                notes=["variables are declared under `vars` and used as `${name}`"],
            )
            return
        kind = "mapping" if isinstance(node, Mapping) else "list"
        self._error("key-not-text", f"a key must be text, but this one is a {kind}", span)

    def key_is_alias(self, anchor: str, span: Span) -> None:
        """A key that is an alias."""
        self._error(
            "key-not-text",
            f"a key must be text, but `*{anchor}` is an alias",
            span,
            hint="put it in quotes or write the key out",
        )

    def no_space(self, frame: Frame, span: Span) -> str | None:
        """`{Dense:64}`: YAML sees a key `Dense:64` without a value; gives the value meant."""
        key, key_span = frame.key, frame.key_span
        if not frame.flow or not key or key_span is None:
            return None
        name, colon, rest = key.partition(":")
        written_without_colon = (span.line, span.column) == (key_span.end_line, key_span.end_column)
        if not colon or not rest or not name or not written_without_colon:
            return None
        colon_column = key_span.column + len(name)
        self._error(
            "missing-space",
            f"a space is missing after the colon of `{key}`",
            key_span._replace(column=colon_column, end_column=colon_column + 1),
            hint=f"write `{name}: {rest}`",
        )
        frame.key, frame.key_span = name, key_span._replace(end_column=colon_column)
        return rest

    def unseen(self, text: str, span: Span) -> None:
        """A quoted text whose escapes make a character that cannot be seen; breaks may be."""
        found = unseen(text)
        if found is not None:
            self._error("unseen-character", f"this text contains {found}", span)

    def too_deep(self, span: Span) -> None:
        """More levels than any spec has."""
        self._error(
            "too-deep",
            f"mappings and lists are nested more than {MAX_DEPTH} levels deep",
            span.first_line(),
        )

    def second_document(self, span: Span) -> None:
        """A second `---`."""
        self._error(
            "several-documents",
            "a second document begins here",
            span,
            hint="delete this line",
            notes=["a file holds one spec; put the second one into a file of its own"],
        )

    def tag(self, written: str, tag: str, span: Span) -> None:
        """A tag other than JSON's types."""
        runs_code = tag.startswith("tag:yaml.org,2002:python")
        note = (
            "it would run code; a spec is data and never runs any"
            if runs_code
            else "an object is written as `Name: {argument: value}`; text that begins with `!` "
            "stands in quotes"
        )
        self._error("tag", f"the tag `{written}` is not allowed", span, notes=[note])

    def wrong_tag(self, tag: str, text: str, span: Span) -> None:
        """`!!int abc`."""
        self._error("tag", f"`{text}` does not fit its tag `{tag}`", span)

    def unknown_anchor(self, name: str, span: Span, known: list[str]) -> None:
        """An alias to nothing."""
        near = did_you_mean(name, known).replace("`", "`*", 1)
        notes = [f"anchors above it: {listed(known)}"] if known else []
        self._error(
            "unknown-anchor",
            f"there is no anchor `&{name}` above this alias",
            span,
            hint=near,
            notes=[*notes, f'if `*{name}` is meant as text, put it in quotes: "*{name}"'],
        )

    def recursive_anchor(self, name: str, span: Span) -> None:
        """An alias inside the value that it stands for."""
        self._error("recursive-anchor", f"`*{name}` stands inside the value that it repeats", span)

    def too_many_aliases(self, span: Span) -> None:
        """An alias bomb."""
        self._error(
            "too-many-aliases",
            f"aliases bring more than {MAX_ALIASED} values into the spec",
            span,
        )

    def bad_merge(self, span: Span) -> None:
        """`<<` with something other than mappings."""
        self._error(
            "merge-key",
            "`<<` takes a mapping or a list of mappings",
            span.first_line(),
            hint="write `<<: *anchor`",
        )
