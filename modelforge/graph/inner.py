"""Models in the arguments of layers, wired: `TimeDistributed: {layer: {model: ...}}`."""

from __future__ import annotations

from collections.abc import Callable

from modelforge.catalog import Catalog
from modelforge.findings import Findings, listed
from modelforge.graph.graph import Graph, WiredModel
from modelforge.spec import InnerModel, ModelSection, Object
from modelforge.spec.inside import Path, changed

Wire = Callable[[ModelSection, Catalog, Findings], Graph | None]


def with_models(found: Object, wire: Wire, catalog: Catalog, findings: Findings) -> Object:
    """The layer with the models in its arguments wired; itself where it has none."""
    word = catalog.find(found.name, "layer")
    # How a plugin's layer calls the one inside, nobody knows.
    single = word is not None and not word.plugged

    def change(inner: Object, path: Path) -> Object:
        if not isinstance(inner, InnerModel):
            return inner
        wired = _wired(inner, wire, catalog, findings)
        if single:
            _check_single(wired, found, findings)
        return wired

    return changed(found, change)


def _wired(inner: InnerModel, wire: Wire, catalog: Catalog, findings: Findings) -> WiredModel:
    graph = wire(inner.model, catalog, findings) if inner.model is not None else None
    saved = None
    if inner.load is not None:
        from modelforge.graph.saved import saved_model  # few specs load a model

        saved = saved_model(inner.load, findings)
    return WiredModel(inner.kind, inner.name, {}, inner.span, graph=graph, saved=saved)


def _check_single(wired: WiredModel, around: Object, findings: Findings) -> None:
    """Adds a finding for a model of several inputs or outputs, which Keras's layers cannot hold."""
    inputs: list[str] = []
    outputs: list[str] = []
    if wired.graph is not None:
        inputs = [item.name for item in wired.graph.inputs or ()]
        outputs = list(wired.graph.outputs)
    elif wired.saved is not None:
        inputs = [tensor.name for tensor in wired.saved.inputs]
        outputs = [tensor.name for tensor in wired.saved.outputs]
    for what, names in (("inputs", inputs), ("outputs", outputs)):
        if len(names) > 1:
            findings.error(
                "inner-model",
                f"the model inside `{around.name}` has {len(names)} {what}, and can have one",
                wired.span,
                notes=[f"its {what}: {listed(names)}"],
            )
