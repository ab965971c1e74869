"""What one layer is called on: its `from`, matched with the arguments of Keras's `call`."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.catalog import LAYER_KINDS, Catalog, Word
from modelforge.findings import Findings, did_you_mean, listed
from modelforge.graph.operations import Sources, sources_of_operation
from modelforge.graph.options import MODEL, check_options
from modelforge.spec import LayerItem

FIRST = ""  # stands for the first argument of a call, whatever it is called


def sources_of(
    layer: LayerItem, shared: LayerItem, above: str, catalog: Catalog, findings: Findings
) -> Sources:
    """The names that a layer is called on, by call argument.

    shared: the item whose layer it is; the item itself unless it is a `use` of another.
    """
    inputs = _model_inputs(shared, layer, findings)
    if inputs is not None:
        return _of_model(layer, inputs, above, findings)
    word = catalog.find(shared.object.name, *LAYER_KINDS)
    if word is None:  # a `use` of nothing, which is reported
        return {FIRST: above}
    check_options(layer, word, findings)
    if word.kind == "operation":
        return sources_of_operation(layer, shared.object, word, above, findings)
    if isinstance(layer.sources, Mapping):
        return _by_argument(layer, word, findings)
    names = layer.sources or (above,)
    if word.merges:
        return _merged(layer, names, word, findings)
    return _in_order(layer, names, word, findings)


def _merged(layer: LayerItem, names: tuple[str, ...], word: Word, findings: Findings) -> Sources:
    if layer.sources is None:
        findings.error(
            "nothing-to-merge",
            f"`{word.name}` merges several layers",
            layer.span,
            hint="name them beside it: `from: [a, b]`",
        )
    return {FIRST: tuple(names)}


def _in_order(layer: LayerItem, names: tuple[str, ...], word: Word, findings: Findings) -> Sources:
    if len(names) == 1:
        return {FIRST: names[0]}
    if len(names) > max(1, len(word.calls)):
        many = "one layer" if len(word.calls) <= 1 else f"at most {len(word.calls)} layers"
        findings.error(
            "too-many-sources",
            f"`{word.name}` is called on {many}, not on {len(names)}",
            layer.source_spans.get("", layer.span),
            notes=["merge them first, for example with `Concatenate`"],
        )
        return {FIRST: names[0]}
    return dict(zip(word.calls, names, strict=False))


def _by_argument(layer: LayerItem, word: Word, findings: Findings) -> Sources:
    assert isinstance(layer.sources, Mapping)
    for argument in layer.sources:
        if word.calls and argument not in word.calls:
            findings.error(
                "unknown-call-argument",
                f"`{word.name}` is not called with `{argument}`",
                layer.source_spans.get(f"{argument}:", layer.span),
                hint=did_you_mean(argument, word.calls),
                notes=[f"what it is called on: {listed(word.calls)}"],
            )
    # In the order of the call, in which everything else reads them.
    known = {name: layer.sources[name] for name in word.calls if name in layer.sources}
    return {**known, **layer.sources}


def _model_inputs(shared: LayerItem, layer: LayerItem, findings: Findings) -> list[str] | None:
    """The inputs of a layer that is a model; empty where it declares none, None for others."""
    if shared.model is not None:
        return [item.name for item in shared.model.inputs or ()]
    if shared.load is None:
        return None
    from modelforge.graph.saved import saved_model  # few specs load a model

    saved = saved_model(shared.load, findings)
    # Where it cannot be opened, nothing else is to be blamed for it.
    names = layer.sources or ("",)
    return [tensor.name for tensor in saved.inputs] if saved is not None else [*names]


def _of_model(layer: LayerItem, inputs: list[str], above: str, findings: Findings) -> Sources:
    """What a model among the layers is called on, by the names of its inputs."""
    check_options(layer, MODEL, findings)
    if isinstance(layer.sources, Mapping):
        return _by_input(layer, inputs, findings)
    names = layer.sources or (above,)
    if len(names) != max(1, len(inputs)):
        has = f"{len(inputs)} inputs" if len(inputs) > 1 else "one input"
        findings.error(
            "wrong-sources",
            f"the model has {has} and is called on {len(names)}",
            layer.source_spans.get("", layer.span),
            hint="" if len(names) > 1 else "name them beside it: `from: [a, b]`",
            notes=[f"its inputs: {listed(inputs)}"] if inputs else ["declare them under `inputs`"],
        )
        return {FIRST: names[0]}
    return dict(zip(inputs or [FIRST], names, strict=True))


def _by_input(layer: LayerItem, inputs: list[str], findings: Findings) -> Sources:
    assert isinstance(layer.sources, Mapping)
    for name in layer.sources:
        if name not in inputs:
            findings.error(
                "unknown-input",
                f"the model has no input `{name}`",
                layer.source_spans.get(f"{name}:", layer.span),
                hint=did_you_mean(name, inputs),
                notes=[f"its inputs: {listed(inputs)}" if inputs else "it declares no `inputs`"],
            )
    missing = [name for name in inputs if name not in layer.sources]
    if missing:
        findings.error(
            "wrong-sources",
            f"`from` gives the model no `{missing[0]}`",
            layer.source_spans.get("", layer.span),
            notes=[f"its inputs: {listed(inputs)}"],
        )
    return dict(layer.sources)
