"""What a function of `keras.ops` is called on: layers, and numbers in the place of some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modelforge.catalog import Word
from modelforge.findings import Findings, Related, did_you_mean, listed
from modelforge.spec import LayerItem, Object

Sources = Mapping[str, str | tuple[str, ...]]


def sources_of_operation(
    layer: LayerItem, called: Object, word: Word, above: str, findings: Findings
) -> Sources:
    """The names of what gives each tensor that is not written as a number.

    In a list they go, in the order of Keras's signature, to the tensors that are not written.
    """
    if isinstance(layer.sources, Mapping):
        sources: Sources = _by_name(layer, called, word, findings)
    else:
        names = layer.sources or (above,)
        sources = _in_order(layer, called, word, names, findings)
    missing = [
        name for name in word.needed_tensors if name not in sources and name not in called.arguments
    ]
    if missing:
        _missing(layer, word, missing, findings)
    return sources


def _by_name(layer: LayerItem, called: Object, word: Word, findings: Findings) -> Sources:
    assert isinstance(layer.sources, Mapping)
    sources = dict(layer.sources)
    for name in layer.sources:
        place = layer.source_spans.get(f"{name}:", layer.span)
        if name not in word.calls:
            findings.error(
                "unknown-call-argument",
                f"`{word.name}` is not called with a tensor `{name}`",
                place,
                hint=did_you_mean(name, word.calls),
                notes=[f"its tensors: {listed(word.calls)}"],
            )
            del sources[name]
        elif name in called.arguments:
            findings.error(
                "given-twice",
                f"`{name}` of `{word.name}` is given by `from` and written as a value",
                place,
                hint="keep one of them",
                related=[Related(called.span_of(name), "the value")],
            )
    return sources


def _in_order(
    layer: LayerItem, called: Object, word: Word, names: Sequence[str], findings: Findings
) -> Sources:
    free = [name for name in word.calls if name not in called.arguments]
    if word.merges:
        if layer.sources is None:
            findings.error(
                "nothing-to-merge",
                f"`{word.name}` is called on several layers",
                layer.span,
                hint="name them beside it: `from: [a, b]`",
            )
        return {free[0]: tuple(names)} if free else {}
    if len(names) > len(free):
        takes = f"{len(word.calls)} tensors" if len(word.calls) > 1 else "one tensor"
        written = [name for name in word.calls if name in called.arguments]
        findings.error(
            "too-many-sources",
            f"`{word.name}` takes {takes}, and not {len(names) + len(written)}",
            layer.source_spans.get("", layer.span),
            hint="a layer must give one of them" if not free else "",
            notes=[f"written as values: {listed(written)}"] if written else [],
        )
    return dict(zip(free, names, strict=False))


def _missing(layer: LayerItem, word: Word, missing: Sequence[str], findings: Findings) -> None:
    every = ", ".join(f"{name}: ..." for name in word.needed_tensors)
    findings.error(
        "missing-tensor",
        f"`{word.name}` needs " + " and ".join(f"`{name}`" for name in missing),
        layer.source_spans.get("", layer.span),
        hint=f"name the layers that give them, `from: {{{every}}}`"
        + ("" if word.merges else f", or write a number: `{word.name}: {{{missing[0]}: 2}}`"),
    )
