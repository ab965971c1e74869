"""The same run several times, on one replica and on two, with threads that may overtake."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from faults.outcome import outcome
from faults.warm import run

TWO = ["--set", "train.distribute={MirroredStrategy: {devices: [CPU:0, CPU:1]}}"]


@dataclass(frozen=True)
class Threads:
    """What a child does to itself to have so many threads, whatever the tests have."""

    count: int

    def __call__(self) -> None:
        """Says so before TensorFlow makes them."""
        for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
            os.environ[name] = str(self.count)


def repeats(spec: Path, folder: Path, count: int, replicas: int) -> Iterator[dict[str, object]]:
    """What each of so many equal runs came to, on one replica or on two."""
    for number in range(count):
        place = folder / f"{spec.stem}-{replicas}-{number}"
        arguments = ["train", spec, "--run", place, "--set", "train.epochs=2"]
        arguments += TWO if replicas == 2 else []
        code, said = run(arguments, place.with_suffix(".log"), Threads(4))
        assert code == 0, said
        yield outcome(place)
