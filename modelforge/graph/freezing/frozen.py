"""What is frozen, counted, and as lines to print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from modelforge.findings import counted
from modelforge.graph.freezing.selectable import SEPARATOR, below

MOST = 12  # lines that are shown


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a layer, or of a model or block with those in it; only layers with weights that can learn.

    layers, frozen: how many there are, and how many of them are frozen. parameters,
    frozen_parameters: their weights, the statistics of batch normalization among them. inference:
    layers of batch normalization that keep their statistics though their weights are trained.
    """

    layers: int = 0
    frozen: int = 0
    parameters: int = 0
    frozen_parameters: int = 0
    inference: int = 0

    def __add__(self, other: Counts) -> Counts:
        mine, others = asdict(self), asdict(other)
        return Counts(**{key: mine[key] + others[key] for key in mine})


@dataclass(frozen=True, slots=True)
class Frozen:
    """Counts by path of every layer that can learn; those of shared weights stand once."""

    layers: Mapping[str, Counts]

    @property
    def total(self) -> Counts:
        """Of the whole model."""
        return _sum(self.layers.values())

    def below(self, path: str) -> int:
        """How many parameters are frozen of a layer and what is in it."""
        return sum(it.frozen_parameters for name, it in self.layers.items() if below(name, path))

    def groups(self) -> dict[str, Counts]:
        """Of each layer of the model itself, with all that is in it; of a block as one."""
        found: dict[str, Counts] = {}
        for path, counts in self.layers.items():
            name = path.split(SEPARATOR)[0].split(".")[0]
            found[name] = found.get(name, Counts()) + counts
        return found

    def lines(self) -> list[str]:
        """What is frozen, for people; empty where nothing is, and no statistics are kept."""
        groups = {name: it for name, it in self.groups().items() if it.frozen_parameters}
        lines = [_line(name, it) for name, it in groups.items()]
        if len(lines) > MOST:
            rest = _sum(list(groups.values())[MOST - 1 :])
            lines = [*lines[: MOST - 1], _line(f"{len(lines) - MOST + 1} more", rest)]
        lines += _statistics(self.groups())
        return lines


def _line(name: str, counts: Counts) -> str:
    layers = f"{counts.frozen} of {counted(counts.layers, 'layer')} with weights, "
    shown = layers if counts.layers > 1 else ""
    return f"{name}: {shown}{counted(counts.frozen_parameters, 'parameter')} frozen"


def _statistics(groups: Mapping[str, Counts]) -> Iterator[str]:
    for name, counts in groups.items():
        if counts.inference:
            number = counted(counts.inference, "layer")
            yield f"{name}: {number} of batch normalization in inference mode, weights trained"


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())
