"""Where a value of the resolved spec is written, under whatever name or in whatever short form."""

from __future__ import annotations

from modelforge.catalog import Catalog
from modelforge.document import Entry, Mapping, Node, Path, Scalar, Sequence


def written_at(root: Node, path: Path, catalog: Catalog) -> Node | None:
    """The node that says what stands at a path of the resolved spec; None for a default."""
    node, word = root, ""
    for at, step in enumerate(path):
        if isinstance(node, Sequence):
            if not isinstance(step, int) or not 0 <= step < len(node.items):
                return None
            node, word = node.items[step], ""
        elif isinstance(node, Mapping):
            entry = _entry(node, str(step), catalog)
            if entry is None:
                return None
            node, word = entry.value, entry.key
        elif word and step == catalog.first_argument(word):
            return node  # `Adam: 1e-3` holds its learning rate
        elif not _is_word(node, str(step), catalog) or at + 1 < len(path):
            return None
    return node


def _entry(node: Mapping, key: str, catalog: Catalog) -> Entry | None:
    if key in node.entries:
        return node.entries[key]
    for entry in node:
        found = catalog.find(entry.key, *catalog.kinds)
        if found is not None and found.name == key:
            return entry
    return None


def _is_word(node: Scalar, name: str, catalog: Catalog) -> bool:
    """Whether a text is this word, perhaps under another of its names."""
    found = catalog.find(str(node.value), *catalog.kinds)
    return found is not None and found.name == name
