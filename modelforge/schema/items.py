"""What a JSON Schema can say of a layer item only vaguely: it holds exactly one word."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.catalog import LAYER_KINDS, Catalog
from modelforge.document import Entry, Mapping, Node, Scalar, Sequence, at
from modelforge.findings import Findings, Related
from modelforge.schema.sections import ITEM_KEYS, ITEM_WORDS

MAX_LAYERS = 12_000  # of a spec, those of models among them counted as well


def is_too_long(root: Mapping, findings: Findings) -> bool:
    """Reports a model with more layers than are checked in a second or two."""
    count = 0
    stack = [at(root, ("model", "layers"))]
    while stack:
        layers = stack.pop()
        items = layers.items if isinstance(layers, Sequence) else []
        count += len(items)
        if count > MAX_LAYERS:
            findings.error(
                "too-many-layers",
                f"the model has more than {MAX_LAYERS} layers",
                items[MAX_LAYERS - count].span,
            )
            return True
        stack += [below for item in items for below in _layers_within(item)]
    return False


def check_items(root: Mapping, catalog: Catalog, findings: Findings) -> None:
    """Adds findings for items of `model.layers` with no word or several, or with two names."""
    _check_layers(at(root, ("model", "layers")), catalog, findings)


def _check_layers(layers: Node | None, catalog: Catalog, findings: Findings) -> None:
    if not isinstance(layers, Sequence):
        return
    for item in layers.items:
        if isinstance(item, Mapping):
            _check_item(item, catalog, findings)
        for below in _layers_within(item):
            _check_layers(below, catalog, findings)


def _layers_within(item: Node) -> Iterator[Node]:
    """The `layers` of the models that an item is or has in its arguments."""
    if isinstance(item, Mapping):
        for entry in item:
            if entry.key == "model":
                layers = at(entry.value, ("layers",))
                if layers is not None:
                    yield layers
            elif isinstance(entry.value, Mapping):
                yield from _layers_within(entry.value)
            elif isinstance(entry.value, Sequence) and entry.key != "from":
                for inner in entry.value.items:
                    yield from _layers_within(inner)


def _check_item(item: Mapping, catalog: Catalog, findings: Findings) -> None:
    words = [e for e in item if e.key not in ITEM_KEYS]
    known = [e for e in words if e.key in ITEM_WORDS or catalog.find(e.key, *LAYER_KINDS)]
    if not words:
        findings.error(
            "no-layer",
            "this item names no layer",
            item.span,
            notes=["an item holds one layer, and beside it " + _quoted(ITEM_KEYS)],
        )
    elif len(known) > 1:
        _report_several(known, findings)
    elif len(known) == 1:
        _check_name(known[0], item, findings)


def _report_several(known: list[Entry], findings: Findings) -> None:
    findings.error(
        "several-layers",
        f"this item holds {len(known)} layers: " + _quoted(e.key for e in known),
        known[1].key_span,
        hint="one layer an item: begin a new one with `- `",
        related=[Related(known[0].key_span, "the first")],
    )


def _check_name(word: Entry, item: Mapping, findings: Findings) -> None:
    inside = word.value.entries.get("name") if isinstance(word.value, Mapping) else None
    beside = item.entries.get("name")
    if inside and beside:
        findings.error(
            "name-twice",
            "the layer's name is given twice",
            beside.key_span,
            hint="keep one of them",
            related=[Related(inside.key_span, "the other")],
        )


def _quoted(names) -> str:  # type: ignore[no-untyped-def]
    return ", ".join(f"`{name}`" for name in names)


def word_of(item: Node, catalog: Catalog) -> tuple[str, Node | None]:
    """The word of a checked item and its value; the value is None for a bare word."""
    if isinstance(item, Scalar):
        return str(item.value), None
    assert isinstance(item, Mapping)
    entry = next(e for e in item if e.key not in ITEM_KEYS)
    return entry.key, entry.value
