"""Parse, check and static shapes of 100 to 10,000 layers, next to PyYAML's load of the same text.

The aim: linear, and at most 3 times `yaml.load(text, CSafeLoader)`, the fastest that PyYAML has.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

import yaml

from modelforge.document import parse
from modelforge.findings import Findings, Source
from modelforge.graph import understand

ROUNDS = 7
# One of each family; those with arguments take most of the text, as they do in what people write.
LAYERS = (
    "Conv2D: {{filters: {size}, kernel_size: 3, padding: same, activation: relu}}",
    "BatchNormalization: {{momentum: 0.9, epsilon: 1e-3}}",
    "DepthwiseConv2D: {{kernel_size: 3, padding: same, use_bias: false}}",
    "LayerNormalization",
    "Conv2D: {{filters: {size}, kernel_size: [3, 3], strides: 1, padding: same, use_bias: true}}",
    "Dropout: 0.1",
    "SeparableConv2D: {{filters: {size}, kernel_size: 3, padding: same, activation: gelu}}",
    "Activation: relu",
)


def spec(layers: int) -> str:
    """A spec of so many layers with their names, its input declared."""
    lines = ["modelforge: 1", "model:", "  inputs: {image: {shape: [32, 32, 3]}}", "  layers:"]
    for number in range(layers):
        lines.append("    - " + LAYERS[number % len(LAYERS)].format(size=8 + number % 97))
        if number % len(LAYERS) in (0, 4):
            lines.append(f"      name: layer_{number}")
    return "\n".join(lines) + "\n"


def ours(text: str) -> None:
    """What `validate` does with a text; it must find nothing wrong, and know all shapes."""
    findings = Findings()
    root = parse(Source("spec.yaml", text), findings)
    assert root is not None
    assert understand(root, (), findings) is not None and not len(findings), list(findings)[:3]


def seconds(run: Callable[[], object]) -> float:
    """The processor time of one run, garbage of the run before left out."""
    gc.collect()
    begin = time.process_time()
    run()
    return time.process_time() - begin


def measure(layers: int) -> None:
    """Prints one line; the two take turns, so that a busy machine slows both."""
    text = spec(layers)
    own, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(seconds(lambda: yaml.load(text, yaml.CSafeLoader)))
        own.append(seconds(lambda: ours(text)))
    ratios = [mine / other for mine, other in zip(own, theirs, strict=True)]
    middle = statistics.median(own)
    print(
        f"{layers:7} layers {len(text) / 1024:7.0f} KiB"
        f"   yaml.load {statistics.median(theirs) * 1e3:8.1f} ms"
        f"   understand {middle * 1e3:8.1f} ms ({middle / layers * 1e6:.0f} us a layer)"
        f"   ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    ours(spec(10))
    for count in (100, 1_000, 10_000):
        measure(count)
