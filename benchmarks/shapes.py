"""Static shapes and parameter counts of 100, 1,000 and 10,000 layers: the time for each layer."""

from __future__ import annotations

import statistics
import time

from modelforge.catalog import load_catalog
from modelforge.document import parse
from modelforge.findings import Findings, Source
from modelforge.graph import Graph
from modelforge.graph.shapes import infer
from modelforge.graph.wire import wire
from modelforge.spec import read_spec

ROUNDS = 7
LAYERS = (
    "Conv2D: {{filters: {filters}, kernel_size: 3, padding: same, activation: relu}}",
    "BatchNormalization",
    "Dropout: 0.1",
    "LayerNormalization",
    "MaxPooling2D: {{strides: 1, padding: same}}",
)


def graph_of(layers: int) -> Graph:
    """A wired graph of so many layers."""
    items = [f"    - {LAYERS[n % len(LAYERS)].format(filters=8 + n % 97)}\n" for n in range(layers)]
    text = "model:\n  inputs: {image: {shape: [32, 32, 3]}}\n  layers:\n" + "".join(items)
    findings, catalog = Findings(), load_catalog()
    root = parse(Source("spec.yaml", text), findings)
    assert root is not None
    graph = wire(read_spec(root, catalog).model, catalog, findings)
    assert graph is not None
    return graph


def measure(layers: int) -> None:
    """Prints one line."""
    graph, times = graph_of(layers), []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        known = infer(graph, None, Findings())
        times.append(time.perf_counter() - begin)
    parameters = sum(found.parameters or 0 for found in known.values())
    unknown = sum(found.shape is None for found in known.values())
    middle = statistics.median(times)
    print(
        f"{layers:7} layers   {middle * 1e3:8.2f} ms   {middle / layers * 1e6:6.2f} us a layer"
        f"   {parameters:,} parameters   {unknown} unknown"
    )


if __name__ == "__main__":
    for count in (100, 1_000, 10_000):
        measure(count)
