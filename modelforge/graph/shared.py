"""`use`: which layer an item applies again."""

from __future__ import annotations

from collections.abc import Sequence

from modelforge.findings import Findings, did_you_mean, listed
from modelforge.spec import LayerItem


class Shared:
    """The layers of a model by name."""

    def __init__(
        self, names: Sequence[str], layers: Sequence[LayerItem], findings: Findings
    ) -> None:
        self._items = dict(zip(names, layers, strict=True))
        self._findings = findings

    def owner(self, layer: LayerItem) -> tuple[str, LayerItem]:
        """The name and the item of the layer that is applied; no name where it is its own."""
        if not layer.use:
            return "", layer
        name, found = layer.use, self._items.get(layer.use)
        for _ in self._items:
            if found is None or not found.use:
                break
            name, found = found.use, self._items.get(found.use)
        if found is not None and not found.use:
            return name, found
        known = [name for name, item in self._items.items() if not item.use]
        self._findings.error(
            "unknown-layer-name",
            f"there is no layer called `{layer.use}`"
            if found is None
            else f"`use: {layer.use}` leads back to itself",
            layer.use_span or layer.span,
            hint=did_you_mean(layer.use, known),
            notes=["layers: " + listed(known, 20)],
        )
        return "", layer
