"""What the learning rate of each layer is multiplied by, and how that is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from modelforge.findings import counted
from modelforge.graph.freezing.select import Selection, Weights
from modelforge.graph.freezing.selectable import SEPARATOR
from modelforge.graph.rates.levels import levels
from modelforge.spec import Deferred, TrainSection

MOST = 12  # lines that are shown


@dataclass(frozen=True, slots=True)
class Rates:
    """By path of every layer that is trained what its rate is multiplied by; empty: all are 1."""

    layers: Mapping[str, float]

    def groups(self) -> dict[str, list[float]]:
        """Of each layer of the model itself, with all that is in it; of a block as one."""
        found: dict[str, list[float]] = {}
        for path, multiplier in self.layers.items():
            found.setdefault(path.split(SEPARATOR)[0].split(".")[0], []).append(multiplier)
        return found

    def lines(self) -> list[str]:
        """The lowest and the highest, for people; empty where every layer has the same rate."""
        if all(multiplier == 1 for multiplier in self.layers.values()):
            return []
        groups = self.groups()
        lines = [_line(name, numbers) for name, numbers in groups.items()]
        if len(lines) > MOST:
            rest = [it for numbers in list(groups.values())[MOST - 1 :] for it in numbers]
            lines = [*lines[: MOST - 1], _line(f"{len(lines) - MOST + 1} more", rest)]
        return lines


def _line(name: str, numbers: Iterable[float]) -> str:
    every = sorted(numbers)
    low, high = f"{every[0]:.3g}", f"{every[-1]:.3g}"
    span = low if low == high else f"{low} to {high}"
    layers = f" ({counted(len(every), 'layer')} with weights)" if len(every) > 1 else ""
    return f"{name}: {span} times the learning rate{layers}"


def multipliers(
    selection: Selection, train: TrainSection, weights: Weights
) -> dict[str, float] | None:
    """By path of every layer, trained or not; None where it is not known of all of them.

    Of layers in lists in arguments as well (`row/layers.0`). What is selected by several lines has
    the number of the last of them.
    """
    numbers = [*train.learning_rate_multipliers.values(), train.layer_decay]
    if any(isinstance(number, Deferred) for number in numbers):
        return None
    found = dict.fromkeys(selection.by_path, 1.0)
    for selector, number in train.learning_rate_multipliers.items():
        found |= dict.fromkeys(selection.named(selector), float(number))
    if train.layer_decay == 1:
        return found
    depths = levels(selection.everything, weights)
    if depths is None:
        return None
    return {path: number * train.layer_decay ** depths[path] for path, number in found.items()}
