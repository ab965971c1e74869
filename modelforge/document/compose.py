"""One pass over PyYAML's events: nodes with places, and findings about what YAML leaves open."""

from __future__ import annotations

import gc
from typing import Any

import yaml

from modelforge.document.anchors import Anchors, TooMuch
from modelforge.document.frame import Frame
from modelforge.document.limits import MAX_DEPTH
from modelforge.document.nodes import Entry, Mapping, Node, Scalar, Sequence, broken
from modelforge.document.scalars import Problem, Value, resolve_plain
from modelforge.document.tags import Tags
from modelforge.document.troubles import Troubles
from modelforge.findings import Findings, Source, Span

# libyaml's parser is ten times faster; PyYAML is sometimes installed without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_UNKNOWN = object()
_new_span: Any = tuple.__new__  # half the time of Span(...), and there is one for every value


class Composer:
    """Builds the tree of one text; `root` is None where the text holds no value.

    A spec has a hundred thousand scalars: the path of an ordinary one is kept short, all that is
    rare (anchors, tags, troubles) has its own file.
    """

    def __init__(self, source: Source, text: str, findings: Findings) -> None:
        self.root: Node | None = None
        self._source = source
        self._text = text
        self._troubles = Troubles(findings)
        self._anchors = Anchors(self._troubles)
        self._tags = Tags(source, self._troubles)
        self._frame: Frame | None = None
        self._stack: list[Frame] = []
        self._values: dict[str, Any] = {}
        self._documents = 0

    def compose(self) -> bool:
        """Reads the whole text; False where it cannot be read to its end."""
        handlers = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        loader = _Loader(self._text)
        # A tree without cycles gives the collector nothing to find, and it looks all the time.
        collecting = gc.isenabled()
        gc.disable()
        try:
            next_event = loader.get_event
            while (event := next_event()) is not None:
                handler = handlers.get(event.__class__)
                if handler is not None:
                    handler(event)
        except TooMuch:
            return False
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            from modelforge.document.syntax import report_syntax

            # The pure parser lets a ValueError through for the escape \U00110000.
            report_syntax(error, self._source, self._troubles.findings)
            return False
        finally:
            loader.dispose()
            if collecting:
                gc.enable()
        return True

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(self._source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        span = _new_span(
            Span,
            (self._source, start.line + 1, start.column + 1, end.line + 1, end.column + 1, ()),
        )
        text = event.value
        frame = self._frame
        if event.tag is not None or event.anchor is not None:
            span = self._tags.skip_properties(span)
        if event.style == '"' and not text.isprintable():
            self._troubles.unseen(text, span)
        if frame is not None and frame.key is None and frame.entries is not None:
            self._key(frame, event, text, span)
            return
        node: Scalar
        if event.tag is not None:
            node = self._tags.scalar(event, span)
        elif event.style:
            node = Scalar(text, span, True)
        else:
            value = self._values.get(text, _UNKNOWN)
            if value is _UNKNOWN:
                value = self._values[text] = resolve_plain(text)
            if value.__class__ is Problem:
                node = self._troubles.number(value, span)
            elif text == "" and frame is not None:
                node = self._nothing(frame, span)
            else:
                node = Scalar(value, span)
        if event.anchor is not None:
            self._anchors.define(event.anchor, node)
        self._add(node)

    def _nothing(self, frame: Frame, span: Span) -> Scalar:
        """A value that is left out; in `{units:64}` only seemingly."""
        text = self._troubles.no_space(frame, span)
        value = None if text is None else resolve_plain(text)
        return Scalar(None if isinstance(value, Problem) else value, span)

    def _key(self, frame: Frame, event: Any, text: str, span: Span) -> None:
        if event.tag is not None:
            self._tags.scalar(event, span)
        if event.anchor is not None:
            self._anchors.define(event.anchor, Scalar(_plain(text, event.style), span))
        frame.merging = text == "<<" and not event.style
        frame.key = text
        frame.key_span = span

    def _add(self, node: Node) -> None:
        frame = self._frame
        if frame is None:
            self.root = node
        elif frame.entries is None:
            frame.items.append(node)
        else:
            self._entry(frame, node)

    def _entry(self, frame: Frame, node: Node) -> None:
        key, key_span, entries = frame.key, frame.key_span, frame.entries
        assert key is not None and key_span is not None and entries is not None
        frame.key = None
        if frame.merging:
            frame.merging = False
            if frame.merged is not None:
                self._troubles.duplicate("<<", key_span, frame.merged[1])
            else:
                frame.merged = (node, key_span)
        elif key in entries:
            self._troubles.duplicate(key, key_span, entries[key].key_span)
        elif frame.bad_key:
            frame.bad_key = False
        else:
            if not key:
                self._troubles.empty_key(key_span)
            entries[key] = Entry(key, key_span, node)

    def _mapping(self, event: Any) -> None:
        self._open(event, Mapping({}, self._span(event)))

    def _sequence(self, event: Any) -> None:
        self._open(event, Sequence([], self._span(event)))

    def _open(self, event: Any, node: Mapping | Sequence) -> None:
        self._tags.collection(event, node)
        if len(self._stack) >= MAX_DEPTH:
            self._troubles.too_deep(node.span)
            raise TooMuch
        self._frame = Frame(node, event.anchor, event.flow_style)
        self._stack.append(self._frame)
        if event.anchor is not None:
            self._anchors.open(event.anchor)

    def _end(self, event: Any) -> None:
        frame = self._stack.pop()
        node, end = frame.node, event.end_mark
        node.span = node.span._replace(end_line=end.line + 1, end_column=end.column + 1)
        if frame.merged is not None:
            self._anchors.merge(frame)
        parent = self._frame = self._stack[-1] if self._stack else None
        if frame.anchor is not None:
            self._anchors.close(frame)
        if parent is None:
            self.root = node
            return
        parent.carry(frame)
        if parent.entries is not None and parent.key is None:
            self._troubles.key_is_collection(node)
            parent.refuse_key(node.span)
            return
        self._add(broken(node.span) if frame.spoilt else node)

    def _alias(self, event: Any) -> None:
        span = self._span(event)
        frame = self._frame
        if frame is not None and frame.entries is not None and frame.key is None:
            self._troubles.key_is_alias(event.anchor, span)
            frame.refuse_key(span)
            return
        self._add(self._anchors.use(event.anchor, span, frame, len(self._stack)))

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            self._troubles.second_document(self._span(event))
            raise TooMuch


def _plain(text: str, style: str | None) -> Value:
    value = None if style else resolve_plain(text)
    return text if style or isinstance(value, Problem) else value
