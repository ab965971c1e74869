"""Does a long run need more and more memory? A thousand epochs of a tiny one, its size watched.

The process is watched from outside, after so many epochs: what `ps` calls RSS, in MiB. The first
200 epochs fill caches; from then on the history grows, and nothing else may. Exit code 1 where it
is more than --most MiB.

    python benchmarks/memory_growth.py [--epochs 1000] [--from 200] [--most 5] [--spec dense]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from faults.growth import sizes
from faults.specs import write_specs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--from", type=int, default=200, dest="first")
    parser.add_argument("--most", type=float, default=5)
    parser.add_argument("--spec", default="dense")
    options = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        spec = write_specs(Path(place))[options.spec]
        step = max(1, options.first)
        marks = [*range(step, options.epochs, step), options.epochs]
        found = sizes(spec, Path(place) / "run", marks)
    for epoch, size in found.items():
        print(f"after {epoch:5} epochs  {size:7.1f} MiB")
    grown = found[options.epochs] - found[marks[0]]
    print(f"grown by {grown:.1f} MiB since epoch {marks[0]}; {time.perf_counter() - begun:.0f} s")
    return int(grown > options.most)


if __name__ == "__main__":
    sys.exit(main())
