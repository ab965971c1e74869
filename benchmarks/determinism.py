"""How many runs of a deterministic spec are equal to the last bit, on one replica and on two?

Each is a process of its own with four threads in each of TensorFlow's pools; two replicas are two
logical CPUs. Weights, optimizer, history and checkpoint are compared with those of the first run.

    python benchmarks/determinism.py [--runs 20] [--spec convolutions]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from faults.outcome import differences
from faults.repeats import repeats
from faults.specs import write_specs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--spec", default="convolutions")
    options = parser.parse_args()
    differing = 0
    with tempfile.TemporaryDirectory() as place:
        spec = write_specs(Path(place))[options.spec]
        for replicas in (1, 2):
            begun = time.perf_counter()
            found = list(repeats(spec, Path(place), options.runs, replicas))
            equal = sum(not differences(item, found[0]) for item in found)
            differing += options.runs - equal
            took = time.perf_counter() - begun
            print(f"{replicas} replicas: {equal}/{options.runs} equal, {took:.0f} s")
    return min(differing, 1)


if __name__ == "__main__":
    sys.exit(main())
