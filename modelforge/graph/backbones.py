"""The networks of keras.applications in a graph: arguments that cannot go together, weights that
are not there, and pixels that would be rescaled twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from modelforge.catalog.own.backbones import BACKBONES, TOLD, preprocessing_of
from modelforge.findings import Findings, Span, did_you_mean, listed
from modelforge.graph.graph import Graph, Node, weights_file
from modelforge.graph.hub import check_preset
from modelforge.graph.parts import Wholes, source_names
from modelforge.graph.shapes.table import AUGMENTATIONS
from modelforge.spec import Object
from modelforge.spec.inside import inside

IMAGENET = "imagenet"
WEIGHTS = (".weights.h5", ".h5", ".hdf5", ".keras")  # what `weights: FILE` may be

# What lets pixels through as they are; what has weights would have learned another range.
_PASSING = frozenset(
    {
        *AUGMENTATIONS,
        *("Resizing", "CenterCrop", "RandomCrop", "Identity", "Concatenate", "Dropout"),
        *("ZeroPadding2D", "Cropping2D", "Reshape", "RepeatVector", "Permute", "UpSampling2D"),
        *("ops.concatenate", "ops.repeat", "ops.tile", "ops.expand_dims", "ops.broadcast_to"),
        *("ops.image.resize", "ops.cast", "ops.flip"),
    }
)


def networks(node: Node) -> Iterator[Object]:
    """The networks of keras.applications that a node is, or has in its arguments."""
    for found in (node.object, *(inner for _, inner in inside(node.object))):
        if found.kind == "application":
            yield found


def check_backbones(graph: Graph, findings: Findings) -> None:
    """Adds findings for what no network of keras.applications can be made or used with."""
    if graph.weights is not None:
        check_weights_file(graph.weights.path, "the model", graph.weights.span, findings)
    for node in graph.nodes:
        if node.shares:
            continue
        for found in networks(node):
            check_preset(found, findings)
            _check_weights(found, findings)
            _check_head(found, findings)
            _check_width(found, findings)
            _check_twice(graph, node, found, findings)
        for _, model in node.inner:
            check_backbones(model, findings)


def _check_weights(found: Object, findings: Findings) -> None:
    path = weights_file(found)
    if path is None:
        return
    if path.endswith(WEIGHTS) or os.path.isdir(path):
        check_weights_file(path, f"`{found.name}`", found.span_of("weights"), findings)
        return
    name = os.path.basename(path)
    findings.error(
        "unknown-weights",
        f"`{name}` names no weights of `{found.name}`",
        found.span_of("weights"),
        hint=did_you_mean(name, [IMAGENET]),
        notes=[
            f"expected: `{IMAGENET}`, null (random weights), or a file that ends in "
            f"{listed(WEIGHTS)}"
        ],
    )


def check_weights_file(path: str, what: str, span: Span, findings: Findings) -> None:
    """Adds a finding where a path leads to no file that could hold weights.

    what: the weights are those of this.
    """
    from modelforge.modelfile import Doubts, model_path  # few specs name a file
    from modelforge.modelfile.place import names_in

    if not path.endswith((".h5", ".hdf5")):
        model_path(path, Doubts(path, findings, span))
    elif not os.path.isfile(path):
        folder, name = os.path.split(path)
        findings.error(
            "no-weights-file",
            f"there is no file `{path}`, which {what} takes its weights from",
            span,
            hint=did_you_mean(name, [it for it in names_in(folder) if it.endswith(WEIGHTS)]),
            notes=["a relative path starts from the folder of the file that says it"],
        )


def _check_head(found: Object, findings: Findings) -> None:
    arguments = found.arguments
    head = arguments.get("include_top", True) is True
    if arguments.get("weights", IMAGENET) != IMAGENET or not head:
        return
    classes = arguments.get("classes", 1000)
    if isinstance(classes, int) and classes != 1000:
        findings.error(
            "backbone-head",
            f"the head of `{found.name}` with the weights of ImageNet tells 1000 classes, not "
            f"{classes}",
            found.span_of("classes"),
            hint="for classes of your own write `include_top: false, pooling: avg`, and a `Dense` "
            "behind it",
        )
    activation = arguments.get("classifier_activation", "softmax")
    name = activation.name if isinstance(activation, Object) else activation
    if name not in ("softmax", None, "linear"):
        findings.error(
            "backbone-head",
            f"the head of `{found.name}` with the weights of ImageNet takes `softmax` or null, not "
            f"`{name}`",
            found.span_of("classifier_activation"),
        )


def _check_width(found: Object, findings: Findings) -> None:
    """Only some widths of the MobileNets were ever trained."""
    arguments = found.arguments
    known = {
        "MobileNet": (0.25, 0.5, 0.75, 1.0),
        "MobileNetV2": (0.35, 0.5, 0.75, 1.0, 1.3, 1.4),
        "MobileNetV3Large": (0.75, 1.0),
        "MobileNetV3Small": (0.75, 1.0),
    }.get(found.name)
    if known is None or arguments.get("weights", IMAGENET) != IMAGENET:
        return
    if arguments.get("minimalistic") is True:
        known = (1.0,)
    alpha = arguments.get("alpha", 1.0)
    if isinstance(alpha, int | float) and alpha not in known:
        findings.error(
            "backbone-width",
            f"there are no weights of `{found.name}` for `alpha: {alpha}`",
            found.span_of("alpha"),
            notes=[f"there are for {listed([str(it) for it in known], 6)}"],
        )


def _check_twice(graph: Graph, node: Node, found: Object, findings: Findings) -> None:
    """Adds an error where pixels are rescaled in front of what rescales them itself."""
    asked = found.arguments.get("preprocessing", "auto")
    bound = preprocessing_of(found.name, found.arguments)
    inside_it = found.name in BACKBONES and BACKBONES[found.name].preprocessing == "model"
    if asked not in ("auto", "none") and inside_it:
        if found.arguments.get("include_preprocessing", True) is True:
            takes = "include_preprocessing" in _arguments_of(found.name)
            findings.error(
                "preprocessing-twice",
                f"`{found.name}` {TOLD['model']}; `preprocessing: {asked}` would do it twice",
                found.span_of("preprocessing"),
                hint="leave it out" + (", or add `include_preprocessing: false`" * takes),
            )
        return
    before = _rescaling(graph, node) if asked == "auto" and bound != "none" else None
    if before is None:
        return
    findings.error(
        "preprocessing-twice",
        f"`{before.name}` ({before.object.name}) rescales the pixels, and `{found.name}` does so "
        "again",
        before.object.span,
        hint=f"leave out `{before.name}`",
        notes=[
            f"`{found.name}`: {TOLD[bound]}",
            "`preprocessing: none` beside its `weights` says that the pixels come as they should"
            if bound != "model"
            else "where the pixels come out as 0 to 255 all the same, write `preprocessing: none`",
        ],
    )


def _rescaling(graph: Graph, node: Node) -> Node | None:
    """The layer that makes pixels smaller, or normalizes them, on the way to a node."""
    wholes = Wholes(graph.nodes)
    stack, seen = [node], {node.name}
    while stack:
        for name in source_names(stack.pop()):
            source = wholes.nodes.get(wholes.of(name))
            if source is None or source.name in seen:
                continue
            seen.add(source.name)
            if _makes_small(source.object):
                return source
            if source.object.name in _PASSING:
                stack.append(source)
    return None


def _makes_small(found: Object) -> bool:
    if found.name == "Normalization":
        return True
    scale = found.arguments.get("scale") if found.name == "Rescaling" else None
    scales = scale if isinstance(scale, tuple) else (scale,)
    return any(isinstance(it, int | float) and abs(it) < 1 for it in scales)


def _arguments_of(name: str) -> frozenset[str]:
    from modelforge.graph.defaults import defaults_of

    return frozenset(defaults_of(name, "application"))
