"""Whether a `freeze` selects something, told before TensorFlow where the names are known."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.findings import Findings
from modelforge.graph.freezing.inside import look
from modelforge.graph.freezing.report import report
from modelforge.graph.freezing.select import Selection
from modelforge.graph.freezing.selectable import SEPARATOR, Selectable, selectables
from modelforge.graph.graph import Graph
from modelforge.graph.shapes.known import Known
from modelforge.schema.freezing import TRAIN
from modelforge.spec import DataSection, TrainSection

# Below it, the mean and variance of a batch say little (Wu and He, "Group Normalization", 2018:
# the error of ResNet-50 grows from batches of 16 downwards).
FEW = 16


def check_freezing(
    graph: Graph,
    known: Mapping[str, Known],
    train: TrainSection,
    data: DataSection | None,
    findings: Findings,
) -> None:
    """Adds selectors that select nothing, and statistics that small batches would spoil.

    train, data: of one phase.
    """
    everything = selectables(graph, look)
    if train.freeze is not None:
        selection = Selection(everything)
        selection.select(train.freeze, learning_weights(graph, known).get)
        report(selection, train.freeze, findings)
    if train.batch_norm == TRAIN and data is not None:
        _check_batches(everything, train, data, findings)


def learning_weights(graph: Graph, known: Mapping[str, Known], prefix: str = "") -> dict[str, int]:
    """How many weights that can learn a layer has, by its path; those that are known.

    What is not trained because the spec says so beside the layer can learn, too.
    """
    found: dict[str, int] = {}
    for node in graph.nodes:
        it, path = known.get(node.name, Known()), prefix + node.name
        held = node.object.arguments.get("trainable") is False
        number = it.parameters if held else it.trainable
        if number is not None:
            found[path] = number
        for before, inner in node.inner:
            found |= learning_weights(inner, it.inner_of(before), path + SEPARATOR + before)
    return found


def _check_batches(
    everything: list[Selectable], train: TrainSection, data: DataSection, findings: Findings
) -> None:
    loaded = [it for it in everything if it.loaded]
    holding = [it for it in loaded if it.opaque or "BatchNormalization" in it.classes]
    size = data.batch_size
    if not holding or not isinstance(size, int) or size >= FEW:
        return
    findings.warning(
        "batch-norm-of-few",
        f"`batch_norm: train` replaces the statistics of a loaded model by those of batches of "
        f"{size} samples",
        train.span_of("batch_norm"),
        hint="leave it out: then they stay as they are",
        notes=[f"the mean and variance of fewer than {FEW} samples vary much from batch to batch"],
    )
