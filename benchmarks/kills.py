"""Runs that are killed with `kill -9` at random moments: do all resume, are all equal to the bit?

Each run is killed up to three times, resumed after each, and at the end compared with one that
nobody touched: weights, optimizer, history, best model, checkpoint, state. The moments are drawn
over all of a run's life; a fifth of them while the model is made, the others once it trains.

    python benchmarks/kills.py [--runs 200] [--kills 3] [--seed 1] [--at-once 2]
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from faults.kills import Trial, killed, undisturbed
from faults.specs import write_specs


def trials(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Trial]]:
    """Each trial with the name of its spec, as they end."""
    references = {
        name: undisturbed(path, folder / name) for name, path in write_specs(folder).items()
    }
    names = [name for name, _ in zip(_forever(list(references)), range(options.runs), strict=False)]

    def trial(number: int) -> Trial:
        place = folder / f"{names[number]}-{number}"
        draw = random.Random(f"{options.seed} {number}")
        done = killed(references[names[number]], place, options.kills, draw)
        if not done.wrong:
            shutil.rmtree(place)
        return done

    with ThreadPoolExecutor(options.at_once) as pool:
        yield from zip(names, pool.map(trial, range(len(names))), strict=True)


def table(done: list[tuple[str, Trial]]) -> str:
    """A row for each spec: runs, kills by where they hit, how many were equal at the end."""
    moments = sorted({moment for _, trial in done for moment in trial.moments})
    heads = ["spec", "runs", "kills", *moments, "equal"]
    rows = [_row(name, [t for n, t in done if n == name], moments) for name in dict(done)]
    rows.append(_row("all", [trial for _, trial in done], moments))
    widths = [max(len(row[i]) for row in [heads, *rows]) for i in range(len(heads))]
    lines = [heads, *rows]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def _row(name: str, of: list[Trial], moments: list[str]) -> list[str]:
    hit = Counter(moment for trial in of for moment in trial.moments)
    equal = sum(not trial.wrong for trial in of)
    counts = [len(of), hit.total(), *(hit[moment] for moment in moments), equal]
    return [name, *map(str, counts)]


def _forever(names: list[str]) -> Iterator[str]:
    while True:
        yield from names


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=2)
    options = parser.parse_args()
    begun = time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    done = []
    for name, trial in trials(options, folder):
        done.append((name, trial))
        for wrong in trial.wrong[:5]:
            print(f"{trial.folder}: {wrong}", file=sys.stderr)
        if len(done) % 20 == 0 and len(done) < options.runs:
            print(f"{len(done)} runs so far\n{table(done)}", file=sys.stderr)
    print(table(done))
    print(f"{time.perf_counter() - begun:.0f} s")
    bad = sum(bool(trial.wrong) for _, trial in done)
    if not bad:
        shutil.rmtree(folder)
    return min(bad, 1)


if __name__ == "__main__":
    sys.exit(main())
