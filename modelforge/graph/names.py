"""Every layer gets a name: its own, or the one that Keras would make from its class."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modelforge.catalog.naming import free_name, snake_case
from modelforge.findings import Findings, Related
from modelforge.spec import InputItem, LayerItem

# TensorFlow makes scopes and files of these names: others fail at the first fit or export.
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")


def name_layers(
    inputs: Sequence[InputItem], layers: Sequence[LayerItem], findings: Findings
) -> list[str]:
    """One unique name for each layer, in order; wrong names are reported."""
    _check_names(inputs, layers, findings)
    taken = {item.name.lower() for item in inputs}
    taken |= {layer.name.lower() for layer in layers if layer.name}
    numbers: dict[str, int] = {}  # the last number given to each stem
    names = []
    for layer in layers:
        name = layer.name or free_name(layer.use or snake_case(layer.object.name), taken, numbers)
        taken.add(name.lower())
        names.append(name)
    return names


def _check_names(
    inputs: Sequence[InputItem], layers: Sequence[LayerItem], findings: Findings
) -> None:
    first = {item.name.lower(): item.span for item in inputs}
    places = [(item.name, item.span) for item in inputs]
    for layer in layers:
        if layer.name is None:
            continue
        span = layer.name_span or layer.span
        places.append((layer.name, span))
        if layer.name.lower() in first:
            findings.error(
                "duplicate-name",
                f"the name `{layer.name}` is taken",
                span,
                notes=["names are unique over inputs and layers, without regard to case"],
                related=[Related(first[layer.name.lower()], "the first")],
            )
        first.setdefault(layer.name.lower(), span)
    for name, span in places:
        if not SAFE.fullmatch(name):
            findings.error(
                "unsafe-name",
                f"`{name}` cannot be a name",
                span,
                notes=[
                    "a name begins with a letter or digit and holds letters, digits, `_`, `.` and "
                    "`-`, at most 255 of them; TensorFlow makes scopes and files of it"
                ],
            )
