"""Our parse, with places and checks, against PyYAML's fast loader on the same text."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import yaml

from modelforge.document import parse
from modelforge.findings import Findings, Source

ROUNDS = 7
LAYER = """\
    - Conv2D: {{filters: {filters}, kernel_size: 3, padding: same, activation: relu}}
      name: c{number}
"""


def spec(layers: int) -> str:
    """A spec of so many layers."""
    items = [LAYER.format(filters=8 + n % 97, number=n) for n in range(layers)]
    return "modelforge: 1\nmodel:\n  layers:\n" + "".join(items)


def seconds(run: Callable[[], object]) -> float:
    """The time of one run."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def measure(layers: int) -> None:
    """Prints one line; the two take turns, so that a busy machine slows both."""
    text = spec(layers)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(seconds(lambda: yaml.load(text, yaml.CSafeLoader)))
        ours.append(seconds(lambda: parse(Source("spec.yaml", text), Findings())))
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    print(
        f"{layers:7} layers {len(text) / 1024:8.0f} KiB"
        f"   yaml.load {statistics.median(theirs) * 1e3:8.1f} ms"
        f"   parse {statistics.median(ours) * 1e3:8.1f} ms"
        f"   ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    for count in (100, 1_000, 10_000):
        measure(count)
