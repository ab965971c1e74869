"""What is frozen, beside the table of layers that `show` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from modelforge.cli.by_phase import foreseen_by_phase, print_by_phase
from modelforge.spec.freezing import is_asked

if TYPE_CHECKING:
    from modelforge.graph import Loaded
    from modelforge.graph.freezing.frozen import Frozen

Row = dict[str, Any]
ByPhase = Mapping[str, "Frozen"]  # of each phase; a run without phases is one that has no name


def asks(loaded: Loaded) -> bool:
    """Whether the spec says something of what is frozen."""
    train = loaded.spec.train
    return train is not None and any(is_asked(phase.train) for phase in train.parts)


def foreseen(loaded: Loaded) -> ByPhase | None:
    """What is frozen in each phase, told without TensorFlow; None where it cannot be."""
    from modelforge.graph.freezing.foreseen import foresee_frozen

    return foreseen_by_phase(loaded, foresee_frozen)


def marked(rows: list[Row], by_phase: ByPhase, prefix: str = "") -> list[Row]:
    """The rows with how many parameters are frozen, and how many are trained in the first phase.

    frozen: a number, or numbers by phase.
    """
    if not by_phase:
        return rows
    return [_marked(row, by_phase, prefix + row["name"]) for row in rows]


def print_frozen(by_phase: ByPhase) -> None:
    """Prints what is frozen, phase by phase."""
    print_by_phase("frozen", by_phase, "nothing")


def _marked(row: Row, by_phase: ByPhase, path: str) -> Row:
    inner = marked(row["layers"], by_phase, f"{path}/") if "layers" in row else []
    again = row["class"].startswith("use ")  # its weights are counted with its first call
    counts = {name: 0 if again else it.below(path) for name, it in by_phase.items()}
    first = next(iter(by_phase.values()))
    trainable = row["trainable"]
    if inner:
        trainable = sum(it["trainable"] for it in inner)
    elif path in first.layers and first.layers[path].frozen:
        trainable = 0
    found = {**row, "trainable": trainable, "frozen": counts.get("", counts)}
    return {**found, "layers": inner} if inner else found
