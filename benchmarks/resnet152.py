"""ResNet-152 from a spec, read and built, next to `keras.applications.ResNet152(weights=None)`.

The spec is that of ResNet-50 with other depths. Both are built in turn; the aim is 1.1 at most.

    python benchmarks/resnet152.py [--rounds 7]
"""

from __future__ import annotations

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras

from modelforge.build import build_model
from modelforge.findings import Findings
from modelforge.graph import load

SPEC = Path(__file__).parent.parent / "specs" / "resnet50.yaml"
DEPTHS = ("d: [3, 4, 6, 3]", "d: [3, 8, 36, 3]")
PARAMETERS = 60_419_944


def ours(path: Path) -> keras.Model:
    """What `train` does with a spec before it opens the data: read, checked, built."""
    findings = Findings()
    loaded = load(str(path), (), findings)
    assert loaded is not None, list(findings)
    return build_model(loaded.graph, {}, "resnet152")


def theirs() -> keras.Model:
    """Keras's own."""
    return keras.applications.ResNet152(weights=None)


def seconds(build: Callable[[], keras.Model]) -> float:
    """The processor time of one build; the model of the one before is gone."""
    keras.backend.clear_session()
    gc.collect()
    begin = time.process_time()
    model = build()
    taken = time.process_time() - begin
    assert model.count_params() == PARAMETERS
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    text = SPEC.read_text(encoding="utf-8")
    assert DEPTHS[0] in text
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "resnet152.yaml"
        path.write_text(text.replace(*DEPTHS), encoding="utf-8")
        for build in (lambda: ours(path), theirs):
            seconds(build)  # fills the caches
        pairs = [(seconds(lambda: ours(path)), seconds(theirs)) for _ in range(rounds)]
    own, other = zip(*pairs, strict=True)
    ratios = [mine / keras_ for mine, keras_ in pairs]
    print(
        f"spec {statistics.median(own):.2f} s   keras.applications {statistics.median(other):.2f} s"
        f"   ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main()
