"""Tags (`!!str`, `!include`): the ones of JSON's types are obeyed, all others refused."""

from __future__ import annotations

import re
from typing import Any

from modelforge.document.nodes import Mapping, Scalar, Sequence, broken
from modelforge.document.scalars import Problem, Value, resolve_plain
from modelforge.document.troubles import Troubles
from modelforge.findings import Source, Span

_CORE = "tag:yaml.org,2002:"
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)+")
_WANTED: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}


class Tags:
    """Judges the tags of one text."""

    def __init__(self, source: Source, troubles: Troubles) -> None:
        self._source = source
        self._troubles = troubles

    def skip_properties(self, span: Span) -> Span:
        """The span of a scalar without the anchor and tag in front of it."""
        match = _PROPERTIES.match(self._source.line(span.line), span.column - 1)
        if match is None or (span.line == span.end_line and match.end() >= span.end_column):
            return span
        return span._replace(column=match.end() + 1)

    def scalar(self, event: Any, span: Span) -> Scalar:
        """A tagged scalar; text where the tag is refused."""
        kind = event.tag.removeprefix(_CORE)
        quoted = bool(event.style)
        if event.tag == _CORE + "str":
            return Scalar(event.value, span, True)
        if event.tag != _CORE + kind or kind not in _WANTED:
            self._refuse(event)
            return broken(span)
        value = resolve_plain(event.value)
        if isinstance(value, Problem):
            return self._troubles.number(value, span)
        if not _fits(value, kind):
            self._troubles.wrong_tag(f"!!{kind}", event.value, span)
            return broken(span)
        if kind == "float" and isinstance(value, int):
            value = float(value)
        return Scalar(value, span, quoted)

    def collection(self, event: Any, node: Mapping | Sequence) -> None:
        """Judges the tag of a mapping or a list."""
        if event.tag is None:
            return
        expected = "map" if isinstance(node, Mapping) else "seq"
        if event.tag != _CORE + expected:
            self._refuse(event)

    def _refuse(self, event: Any) -> None:
        start = event.start_mark
        line = self._source.line(start.line + 1)
        found = re.compile(r"(?:&\S+\s+)?(!\S*)").match(line, start.column)
        column = (found.start(1) if found else start.column) + 1
        written = found.group(1).rstrip(",]}") if found else event.tag
        span = Span(self._source, start.line + 1, column, start.line + 1, column + len(written))
        self._troubles.tag(written, event.tag, span)


def _fits(value: Value, kind: str) -> bool:
    if isinstance(value, bool) and kind != "bool":
        return False
    return isinstance(value, _WANTED[kind])
