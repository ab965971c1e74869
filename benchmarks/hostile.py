"""100,000 damaged and random specs: what raised, what was slow, the worst time and memory.

Each process takes a seed; a spec is understood as `validate` does it. Nothing may be raised, every
finding must have a place, none may take a second or 256 MiB.

    python benchmarks/hostile.py [--count 100000] [--seed 1] [--processes 2] [--runs]

With `--runs`, damaged run folders instead: each is given to a command, which must tell.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.hostile.fuzz import Fuzzer, Outcome

RUNS = 100  # damaged run folders of one process
SHARE = 2_500  # texts of one process: what it grows by is the work of so many at most


def run(seed: int, count: int) -> Outcome:
    """The outcome of one seed, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return Fuzzer(seed, Path(folder)).run(count)


def run_folders(seed: int, count: int) -> Outcome:
    """The outcome of one seed over the folder of a run, which is trained first."""
    from tests.hostile.runs import RunFuzzer, trained

    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder  # where defects are written
        good, work = Path(folder, "good"), Path(folder, "work")
        good.mkdir()
        work.mkdir()
        os.chdir(work)
        try:
            return RunFuzzer(seed, trained(good), work).run(count)
        finally:
            os.chdir("/")
            tempfile.tempdir = None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--runs", action="store_true", help="damaged run folders")
    options = parser.parse_args()
    work, share = (run_folders, RUNS) if options.runs else (run, SHARE)
    begin = time.perf_counter()
    seeds = range(options.seed, options.seed + -(-options.count // share))
    with ProcessPoolExecutor(options.processes, max_tasks_per_child=1) as pool:
        outcomes = list(pool.map(work, seeds, [share] * len(seeds)))
    counts = sum((outcome.counts for outcome in outcomes), Counter())
    wrong = [pair for outcome in outcomes for pair in outcome.wrong]
    print(", ".join(f"{number:,} {kind}" for kind, number in sorted(counts.items())))
    print(
        f"seeds {seeds[0]} to {seeds[-1]}   {time.perf_counter() - begin:.0f} s"
        f"   slowest {max(outcome.slowest for outcome in outcomes):.2f} s"
        f"   memory +{max(outcome.memory for outcome in outcomes):.0f} MiB   wrong {len(wrong)}"
    )
    for what, text in wrong[:20]:
        print(f"{what}\n{text[:2000]!r}\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
