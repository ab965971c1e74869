"""`model.defaults`: arguments for every layer of a class that does not set them itself."""

from __future__ import annotations

from modelforge.catalog import Catalog, Word
from modelforge.document import Entry, Mapping, Node, Scalar, Sequence
from modelforge.findings import Findings, Span, did_you_mean


class Defaults:
    """The defaults of one model, resolved; none where there is no such section.

    around: those of the model in which it stands; they give what its own do not.
    """

    def __init__(
        self, section: Node | None, catalog: Catalog, around: Defaults | None = None
    ) -> None:
        self._catalog = catalog
        self._around = around
        self._entries: dict[str, Entry] = {}
        self._used: set[str] = set()
        for entry in section if isinstance(section, Mapping) else ():
            word = catalog.find(entry.key, "layer")
            if word is not None and isinstance(entry.value, Mapping):
                self._entries[word.name] = entry

    def filled(self, entry: Entry) -> Entry:
        """A layer's word with its arguments, the missing ones added; layers inside it too."""
        own = self._filled(entry) if self._entries else entry
        return self._around.filled(own) if self._around is not None else own

    def _filled(self, entry: Entry) -> Entry:
        word = self._catalog.find(entry.key, "layer")
        if word is None:
            return entry
        given = self._with_layers_inside(word, entry.value)
        defaults = self._entries.get(word.name)
        if defaults is None:
            return Entry(entry.key, entry.key_span, given)
        self._used.add(word.name)
        return Entry(
            entry.key, entry.key_span, _merged(word, given, defaults.value, entry.key_span)
        )

    def report(self, findings: Findings) -> None:
        """Warns of classes that no layer of the model has."""
        for name, entry in self._entries.items():
            if name not in self._used:
                findings.warning(
                    "unused-default",
                    f"the model has no layer `{entry.key}`",
                    entry.key_span,
                    hint=did_you_mean(entry.key, self._used) or "delete it",
                )

    def _with_layers_inside(self, word: Word, value: Node) -> Node:
        """`Bidirectional: {layer: LSTM}`: the arguments that are layers, filled as well."""
        if not isinstance(value, Mapping):
            first = word.first
            if first is None or "layer" not in first.kinds:
                return value
            return self._layer(value)
        entries = {}
        for entry in value:
            argument = word.argument(entry.key)
            takes_layer = argument is not None and "layer" in argument.kinds
            filled = self._layer(entry.value) if takes_layer else entry.value
            entries[entry.key] = Entry(entry.key, entry.key_span, filled)
        return Mapping(entries, value.span)

    def _layer(self, node: Node) -> Node:
        if isinstance(node, Sequence):
            return Sequence([self._layer(item) for item in node.items], node.span)
        if isinstance(node, Mapping) and len(node.entries) == 1:
            (entry,) = node
            return Mapping({entry.key: self.filled(entry)}, node.span)
        if isinstance(node, Scalar) and isinstance(node.value, str):
            found = self.filled(Entry(node.value, node.span, Scalar(None, node.span)))
            return (
                node if isinstance(found.value, Scalar) else Mapping({found.key: found}, node.span)
            )
        return node


def _merged(word: Word, given: Node, defaults: Node, span: Span) -> Node:
    assert isinstance(defaults, Mapping)
    if isinstance(given, Mapping):
        return Mapping({**defaults.entries, **given.entries}, given.span)
    if isinstance(given, Scalar) and given.value is None:
        return Mapping(dict(defaults.entries), span)
    if word.first is None:
        return given  # the schema says what is wrong with it
    first = Entry(word.first.name, given.span, given)
    return Mapping({**defaults.entries, first.key: first}, span)
