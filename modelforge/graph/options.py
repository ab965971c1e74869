"""`call`: the arguments of a layer's call that are no tensors, held against the catalog."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.catalog import Argument, Word
from modelforge.findings import Findings, Related, Span, did_you_mean, listed
from modelforge.spec import Deferred, LayerItem, Value

# How a model among the layers is called.
MODEL = Word(
    "model",
    "layer",
    options=(Argument("training", types=("null", "boolean"), keyword_only=True),),
)


def check_options(layer: LayerItem, word: Word, findings: Findings) -> None:
    """Adds findings for options that a layer's call does not have, and for values of another type.

    word: the layer that is called.
    """
    options = {option.name: option for option in word.options}
    for name, value in layer.call.items():
        if name not in options:
            _unknown(layer, word, name, list(options), findings)
        elif not _fits(value, options[name]):
            findings.error(
                "wrong-type",
                f"the call argument `{name}` of `{word.name}` must be true or false, not "
                f"{_shown(value)}",
                layer.call_spans.get(f"{name}:", layer.span),
            )


def call_of(layer: LayerItem, shared: LayerItem, findings: Findings) -> Mapping[str, Value]:
    """The options of a layer's call; a `use` of one whose `training` is settled keeps to it.

    shared: the item whose layer it is; the item itself unless it is a `use` of another.
    """
    settled = shared.call.get("training")
    if layer is shared or (settled is None and layer.call.get("training") is None):
        return layer.call
    if layer.call and dict(layer.call) != dict(shared.call):
        name = next(iter(layer.call))
        findings.error(
            "call-differs",
            f"`{layer.use}` cannot be called in two ways where one of them settles `training`",
            layer.call_spans.get(name, layer.span),
            hint="leave `call` out: what it says there holds here, too"
            if shared.call
            else f"write it beside `{layer.use}` itself",
            related=[Related(shared.span, "the layer")],
        )
    return shared.call


def _unknown(
    layer: LayerItem, word: Word, name: str, options: list[str], findings: Findings
) -> None:
    key: Span = layer.call_spans.get(name, layer.span)
    if name in word.calls:
        findings.error(
            "unknown-call-argument",
            f"the call argument `{name}` of `{word.name}` is a tensor",
            key,
            hint=f"name the layer that gives it: `from: {{{word.calls[0]}: ..., {name}: ...}}`"
            if name != word.calls[0]
            else "name the layer that gives it in `from`",
        )
        return
    known = f"call arguments: {listed(options)}" if options else "its calls take no options"
    argument = word.argument(name)
    findings.error(
        "unknown-call-argument",
        f"a call of `{word.name}` has no argument `{name}`",
        key,
        hint=f"write it inside: `{word.name}: {{{name}: ...}}`"
        if argument is not None
        else did_you_mean(name, options),
        notes=[known],
    )


def _fits(value: Value, option: Argument) -> bool:
    if isinstance(value, bool | Deferred):
        return True
    return value is None and "null" in option.types


def _shown(value: Value) -> str:
    from modelforge.schema.violation import shown  # few specs have something to be shown

    return "a list or mapping" if isinstance(value, tuple | dict) else shown(value)
