"""Penalties that Keras 3.15.1 cannot compute, or not add to the loss for another dtype."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelforge.catalog import LAYER_KINDS, load_catalog
from modelforge.findings import Findings
from modelforge.graph.dtypes.policy import Precision, dtypes_of
from modelforge.graph.dtypes.promotion import FLOATS
from modelforge.graph.freezing.selectable import SEPARATOR
from modelforge.graph.graph import Graph, Node, WiredModel
from modelforge.graph.shapes.infer import UNKNOWN
from modelforge.graph.shapes.known import Known, Unknown
from modelforge.spec import Object, TrainSection
from modelforge.spec.inside import inside

_LOSS = "float32"  # whatever the policy, and the `dtype` of the loss
_PENALTIES = ("L1", "L1L2", "L2", "OrthogonalRegularizer")
_ACTIVITY = "activity_regularizer"
# By which argument a layer has the weights that a penalty is on; without it, nothing is penalized.
_NEEDED = {
    "bias_regularizer": ("use_bias", True),
    "beta_regularizer": ("center", True),
    "gamma_regularizer": ("scale", True),
}
# Layers whose kernels have three axes or more, and those whose biases and scales have one.
_KERNELS = ("Conv", "DepthwiseConv", "SeparableConv", "MultiHeadAttention", "GroupQueryAttention")
_VECTORS = ("Dense", "LSTM", "LSTMCell", "SimpleRNN", "SimpleRNNCell", "BatchNormalization")
_MIXED = {"bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}


def check_penalties(
    graph: Graph,
    known: Mapping[str, Known],
    train: TrainSection,
    precision: Precision,
    findings: Findings,
) -> None:
    """Adds an error for each layer with a penalty that no training step can add to the loss."""
    if not any(_penalties(graph)):
        return
    frozen: set[str] | None = None
    for phase in train.parts:
        still = _frozen(graph, known, phase.train)
        frozen = still if frozen is None else {path for path in frozen if path in still}
    _check(graph, known, frozen or set(), precision, findings, "")


def _penalties(graph: Graph) -> Iterator[bool]:
    """Whether there is a penalty, layer by layer."""
    for node in graph.nodes:
        yield node.object.name == "ActivityRegularization"
        yield any(part.name in _PENALTIES for _, part in inside(node.object))
        for _, inner in node.inner:
            yield from _penalties(inner)


def _frozen(graph: Graph, known: Mapping[str, Known], train: TrainSection) -> set[str]:
    """The paths of the layers that a phase does not train, and of those in which one is."""
    if train.freeze is None:
        return set()
    # Few specs freeze a layer that they penalize.
    from modelforge.graph.freezing.check import learning_weights
    from modelforge.graph.freezing.inside import look
    from modelforge.graph.freezing.select import Selection
    from modelforge.graph.freezing.selectable import selectables

    selection = Selection(selectables(graph, look))
    paths = selection.select(train.freeze, learning_weights(graph, known).get)
    if not selection.certain:
        return set(selection.by_path)
    parts = [path.split(SEPARATOR) for path in paths]
    return {SEPARATOR.join(path[:end]) for path in parts for end in range(1, len(path) + 1)}


def _check(
    graph: Graph,
    known: Mapping[str, Known],
    frozen: set[str],
    precision: Precision,
    findings: Findings,
    prefix: str,
) -> None:
    for node in graph.nodes:
        path = prefix + node.name
        found = known.get(node.name, UNKNOWN)
        _check_outputs(node, found, findings)
        if node.model is not None:
            inner, before = found.inner or {}, path + SEPARATOR
            _check(node.model, inner, frozen, precision, findings, before)
        elif not node.shares and path not in frozen:
            _check_weights(node.object, precision, findings)


def _check_weights(layer: Object, precision: Precision, findings: Findings) -> None:
    """Penalties on weights are in the dtype of these; layers within have a policy of their own."""
    if layer.arguments.get("trainable") is False:
        return
    if isinstance(layer, WiredModel):
        for node in layer.graph.nodes if layer.graph is not None else ():
            _check_weights(node.object, precision, findings)
        return
    for value in layer.arguments.values():
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Object):
                _check_weights(part, precision, findings)
    _check_matrices(layer, findings)
    written = layer.arguments.get("dtype")
    try:
        dtype = dtypes_of(written, precision.policy)[1]
    except Unknown:
        return
    for argument in _penalized(layer) if dtype in FLOATS and dtype != _LOSS else ():
        findings.error(
            "penalty-dtype",
            f"`{layer.name}`: the penalty `{argument}` is {dtype}, as the weights are, and Keras "
            f"3.15.1 cannot add it to the loss, which is {_LOSS}",
            layer.span_of(argument),
            hint=_mend(dtype, own=written is not None),
        )


def _check_matrices(layer: Object, findings: Findings) -> None:
    """`OrthogonalRegularizer` is for matrices."""
    for argument in _penalized(layer):
        penalty = layer.arguments[argument]
        vectors = layer.name in _VECTORS and argument in _NEEDED
        kernels = layer.name.startswith(_KERNELS) and "kernel" in argument
        if getattr(penalty, "name", "") == "OrthogonalRegularizer" and (vectors or kernels):
            findings.error(
                "penalty-shape",
                f"`{layer.name}`: `OrthogonalRegularizer` takes a matrix, and is to take weights "
                f"of {'one axis' if vectors else 'more axes'} (`{argument}`)",
                layer.span_of(argument),
                hint="take `L1` or `L2`",
            )


def _mend(dtype: str, *, own: bool) -> str:
    if dtype not in _MIXED:
        return "give the layer `dtype: float32`"
    where = "`dtype" if own else "`precision"
    return f"say {where}: {_MIXED[dtype]}`, where weights are float32"


def _penalized(layer: Object) -> Iterator[str]:
    """The arguments that put a penalty on weights that the layer has and trains."""
    given = layer.arguments
    word = load_catalog().find(layer.name, *LAYER_KINDS)
    if word is None or given.get("lora_rank") or given.get("quantization_config"):
        return
    for argument, value in given.items():
        if not argument.endswith("_regularizer") or argument == _ACTIVITY:
            continue
        if not isinstance(value, Object) or value.name not in _PENALTIES:
            continue
        needed, default = _NEEDED.get(argument, ("", True))
        lacking = layer.name == "EinsumDense" and argument == "bias_regularizer"
        if lacking and given.get("bias_axes") is None:
            continue
        if given.get(needed, default) is True:
            yield argument


def _check_outputs(node: Node, found: Known, findings: Findings) -> None:
    """Penalties on what a layer gives are in the dtype of that."""
    layer = node.object
    value = layer.arguments.get(_ACTIVITY)
    penalty = isinstance(value, Object) and value.name in _PENALTIES
    if node.shares or not (penalty or layer.name == "ActivityRegularization"):
        return
    dtype = found.dtypes[0] if found.dtypes else None
    if dtype in FLOATS and dtype != _LOSS:
        what = f"the penalty `{_ACTIVITY}`" if penalty else "its penalty"
        findings.error(
            "penalty-dtype",
            f"`{layer.name}`: {what} is {dtype}, as what the layer gives, and Keras 3.15.1 cannot "
            f"add it to the loss, which is {_LOSS}",
            layer.span_of(_ACTIVITY) if penalty else layer.span,
            hint="give the layer `dtype: float32`",
        )
