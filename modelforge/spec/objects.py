"""Nodes become values and objects: the one form, read with what the catalog knows of each word."""

from __future__ import annotations

import os
from dataclasses import replace

from modelforge.catalog import INNER_KINDS, Argument, Catalog, Kind, Word
from modelforge.catalog.own import hub
from modelforge.document import Entry, Mapping, Node, Scalar, Sequence, plain
from modelforge.findings import Span
from modelforge.resolve import Waiting
from modelforge.spec.values import Deferred, Object, Value


class Objects:
    """Reads checked nodes; it relies on the schema and reports nothing."""

    def __init__(self, catalog: Catalog, folder: str = "") -> None:
        self.catalog = catalog
        self.folder = folder  # of the spec: what no file says (`--set`) is relative to it

    def object(self, node: Node, *kinds: Kind) -> Object:
        """The object that a node says: `Name`, `Name: value` or `Name: {argument: value}`."""
        if isinstance(node, Scalar):
            return self.word(str(node.value), None, node.span, *kinds)
        assert isinstance(node, Mapping)
        (entry,) = node
        return self.word(entry.key, entry.value, entry.key_span, *kinds)

    def objects(self, node: Node | None, *kinds: Kind) -> tuple[Object, ...]:
        """A list of objects; empty where there is none."""
        if not isinstance(node, Sequence):
            return ()
        return tuple(self.object(item, *kinds) for item in node.items)

    def word(self, name: str, value: Node | None, span: Span, *kinds: Kind) -> Object:
        """The object of a word and the node behind its colon; None for a bare word."""
        word = self.catalog.find(name, *kinds)
        assert word is not None
        found = self._word(word, value, span)
        # Keras logs a metric under the name it was asked for: `mae`, not `mean_absolute_error`.
        if word.kind == "metric" and name in word.aliases and not word.chosen_by_keras:
            found = replace(found, arguments={"name": name, **found.arguments})
        if word.kind == "application":
            found = self._with_weights(found, value)
        return found

    def _with_weights(self, found: Object, node: Node | None) -> Object:
        """A network with the path of its weights, or preset, as it leads there from here."""
        name = "preset" if found.name == hub.NAME else "weights"
        written = node.get(name) if isinstance(node, Mapping) else node
        path = found.arguments.get(name)
        if written is None or not isinstance(path, str):
            return found
        if path == "imagenet" if name == "weights" else not hub.is_folder(path):
            return found
        return replace(found, arguments={**found.arguments, name: self.path(written)})

    def path(self, node: Node) -> str:
        """A path that a spec says, relative to the file that says it."""
        source = node.span.source.name
        in_file = not source.startswith(("--", "<"))  # what is written there starts from its folder
        folder = os.path.dirname(source) if in_file else self.folder
        return os.path.join(folder, os.path.expanduser(str(plain(node))))

    def _word(self, word: Word, value: Node | None, span: Span) -> Object:
        nothing = isinstance(value, Scalar) and value.value is None
        if value is None or (nothing and not word.required):  # `Flatten:` is `Flatten`
            return Object(word.kind, word.name, {}, span)
        if isinstance(value, Mapping):
            return self._with_arguments(word, list(value), span)
        assert word.first is not None
        return Object(
            word.kind,
            word.name,
            {word.first.name: self.argument(value, word.first)},
            span,
            {word.first.name: value.span},
        )

    def argument(self, node: Node, argument: Argument) -> Value:
        """The value of an argument, with its objects read as such."""
        if argument.kinds and not argument.many and self._says_object(node, argument):
            return self.object(node, *_kinds(argument))
        if argument.kinds and argument.many:
            if isinstance(node, Sequence):
                return tuple(self._one_of_many(item, argument, named=False) for item in node.items)
            if isinstance(node, Mapping):
                return {e.key: self._one_of_many(e.value, argument) for e in node}
        found = value(node)
        whole = "integer" in argument.types and "number" not in argument.types
        if whole and isinstance(found, float) and found.is_integer():
            return int(found)  # JSON Schema counts 64.0 as an integer; Keras does not
        return found

    def _with_arguments(self, word: Word, entries: list[Entry], span: Span) -> Object:
        arguments: dict[str, Value] = {}
        for entry in entries:
            argument = word.argument(entry.key)
            assert argument is not None
            arguments[entry.key] = self.argument(entry.value, argument)
        spans = {e.key: e.key_span for e in entries}
        for entry in entries:
            argument = word.argument(entry.key)
            if argument and argument.many and isinstance(entry.value, Mapping):
                spans |= {f"{entry.key}.{e.key}": e.key_span for e in entry.value}
            elif argument and argument.many and isinstance(entry.value, Sequence):
                spans |= {f"{entry.key}.{i}": it.span for i, it in enumerate(entry.value.items)}
        return Object(word.kind, word.name, arguments, span, spans)

    def _one_of_many(self, node: Node, argument: Argument, *, named: bool = True) -> Value:
        """An object; a text that names no word is a value of its own where `items` allows it.

        So is every text in a list: nothing else there tells what the object is about.
        """
        text = isinstance(node, Scalar) and bool(argument.items)
        if text and not (named and self._says_object(node, argument)):
            return value(node)
        return self.object(node, *_kinds(argument))

    def _says_object(self, node: Node, argument: Argument) -> bool:
        if isinstance(node, Mapping):
            return True
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return False
        return self.catalog.find(node.value, *_kinds(argument)) is not None


def _kinds(argument: Argument) -> tuple[Kind, ...]:
    return INNER_KINDS if "layer" in argument.kinds else argument.kinds


def value(node: Node) -> Value:
    """A plain value: lists as tuples, and expressions over `data.*` as Deferred."""
    if isinstance(node, Scalar):
        return Deferred(str(node.value), node.span) if isinstance(node, Waiting) else node.value
    if isinstance(node, Sequence):
        return tuple(value(item) for item in node.items)
    return {entry.key: value(entry.value) for entry in node}
