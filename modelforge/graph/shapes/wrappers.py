"""Layers around a layer."""

from __future__ import annotations

from modelforge.catalog import load_catalog
from modelforge.graph.graph import WiredModel
from modelforge.graph.shapes.arguments import Arguments
from modelforge.graph.shapes.known import Clash, Result, Shape, Unknown, WrongRank
from modelforge.spec import Object

# Both run backwards or forwards and have the states that Bidirectional hands on.
_RECURRENT = ("SimpleRNN", "GRU", "LSTM")
_LAST_OF_KERNEL = {
    "Dense": "units",
    "Embedding": "output_dim",
    "Conv1D": "filters",
    "Conv2D": "filters",
    "Conv3D": "filters",
}
# What `SpectralNormalization` can be put around: layers with a kernel, or with embeddings.
WITH_KERNEL = frozenset(
    {*_LAST_OF_KERNEL, "EinsumDense", "ReversibleEmbedding", "SpectralNormalization"}
    | {f"Conv{number}DTranspose" for number in (1, 2, 3)}
    | {f"DepthwiseConv{number}D" for number in (1, 2)}
)


def time_distributed(arguments: Arguments) -> Result:
    """`TimeDistributed`: the same layer at each step."""
    shape = arguments.input
    if len(shape) < 3:
        raise Clash(f"it takes at least 3 axes (batch, steps, ...), but the input has {len(shape)}")
    found = _inner(arguments, (shape[0], *shape[2:]))
    output = found.shape
    return found._replace(shapes=((output[0], shape[1], *output[1:]),))


def spectral_normalization(arguments: Arguments) -> Result:
    """`SpectralNormalization`: the layer, and a vector for the last axis of its kernel."""
    layer = arguments.value("layer")
    if not isinstance(layer, Object):
        raise Unknown
    if _has_no_kernel(layer):
        what = "a model" if isinstance(layer, WiredModel) else f"`{layer.name}`"
        raise Clash(f"{what} has no kernel to normalize", "put it around `Dense`, `Conv2D` ...")
    if layer.name not in _LAST_OF_KERNEL:
        raise Unknown
    found = _inner(arguments, arguments.input)
    size = layer.arguments.get(_LAST_OF_KERNEL[layer.name])
    if not isinstance(size, int) or found.frozen is None:
        raise Unknown
    return found._replace(frozen=found.frozen + size)


def _has_no_kernel(layer: Object) -> bool:
    """Whether it is something of Keras without a kernel; a plugin's layer may have one."""
    if isinstance(layer, WiredModel) or layer.kind == "application":
        return True
    return layer.name not in WITH_KERNEL and load_catalog().find(layer.name, "layer") is not None


def bidirectional(arguments: Arguments) -> Result:
    """`Bidirectional`: a recurrent layer forwards and another one backwards."""
    layer, mode = arguments.value("layer"), arguments.value("merge_mode")
    if not isinstance(layer, Object) or layer.name not in _RECURRENT:
        raise Unknown
    if arguments.value("backward_layer") is not None or arguments.value("weights") is not None:
        raise Unknown
    found = arguments.layer("layer", arguments.input)
    (output, *states) = found.shapes
    outputs = _merged(output, mode)
    return Result(
        (*outputs, *states, *states),
        None if found.trainable is None else 2 * found.trainable,
        None if found.frozen is None else 2 * found.frozen,
    )


def pipeline(arguments: Arguments) -> Result:
    """`Pipeline`: one layer after another."""
    layers = arguments.value("layers")
    if not isinstance(layers, tuple) or not layers:
        raise Unknown
    return arguments.in_a_row(layers, arguments.input)


def _merged(output: Shape, mode: object) -> tuple[Shape, ...]:
    if mode is None:
        return (output, output)
    if mode in ("sum", "mul", "ave"):
        return (output,)
    if mode != "concat" or output[-1] is None:
        raise Unknown
    return ((*output[:-1], 2 * output[-1]),)


def _inner(arguments: Arguments, shape: Shape) -> Result:
    try:
        return arguments.layer("layer", shape)
    except WrongRank:
        raise Unknown from None
