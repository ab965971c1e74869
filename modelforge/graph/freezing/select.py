"""`freeze`, applied to the layers of a model: which of them are meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate

from modelforge.catalog import LAYER_KINDS, load_catalog
from modelforge.graph.freezing.selectable import SEPARATOR, Selectable, below
from modelforge.graph.freezing.thawing import THAW, still_frozen
from modelforge.spec import Freeze
from modelforge.spec.freezing import Amount

LONGEST = 255  # characters of a selector

UNSTEADY = "SpectralNormalization"  # changes weights in training that are not trained

# How many weights that can learn the layer at a path has; None where nobody knows.
Weights = Callable[[str], int | None]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a selector. key: `layers:backbone`; paths: what it names, if anything."""

    key: str
    kind: str
    paths: tuple[str, ...] = ()


@dataclass
class Selection:
    """The layers of a model, and those among them that a `freeze` selects.

    everything: in the order of the calls. `select` fills troubles, and says whether it is certain
    of what it found: what is in some of the layers may not be known.
    """

    everything: Sequence[Selectable]
    troubles: list[Trouble] = field(default_factory=list)
    certain: bool = True

    def __post_init__(self) -> None:
        self.by_path = {it.path: it for it in self.everything}
        self._names: dict[str, set[str]] = {}
        for it in self.everything:
            for name in _names(it.path):
                self._names.setdefault(name, set()).add(it.path)
        self.opaque = any(it.opaque for it in self.everything)

    def select(self, freeze: Freeze, weights: Weights) -> tuple[str, ...]:
        """The paths of the layers that are frozen, each as a whole, in their order.

        A layer with items in its arguments of which only some are frozen is not among them: those
        items are.
        """
        self._check_choices(freeze)
        chosen = self._chosen(freeze, weights)
        for selector in freeze.excluded:
            out = self.named(selector)
            if not out:
                self.nothing(f"except:{selector}")
            elif not out & chosen and self.certain:
                self.troubles.append(Trouble(f"except:{selector}", "trained-anyway", tuple(out)))
            chosen -= out
        if freeze.part is not None:
            chosen |= still_frozen(self, freeze.part, chosen, weights)
        frozen = tuple(self._wholes(chosen))
        unsteady = [path for path in frozen if UNSTEADY in self.by_path[path].classes]
        self.troubles += [Trouble("", "unsteady", (path,)) for path in unsteady[:1]]
        if (frozen or freeze.layers != ()) and self.certain and not self.troubles:
            self._check_weights(frozen, weights, THAW if freeze.part is not None else "")
        return frozen

    def _wholes(self, chosen: set[str]) -> Iterator[str]:
        items = [it.path for it in self.everything if it.kind == "item"]
        for it in self.everything:
            if it.path in chosen and it.kind in ("layer", "item"):
                inside = {item for item in items if below(item, it.path)}
                if inside <= chosen:
                    yield it.path

    def _check_weights(self, frozen: Sequence[str], weights: Weights, key: str) -> None:
        """Something is frozen, and something is left to train."""
        if self.opaque:
            return
        if not frozen:
            self.troubles.append(Trouble("", "all-taken-away"))
        sizes = {it.path: weights(it.path) for it in self.everything if it.kind == "layer"}
        if not frozen or None in sizes.values():
            return
        if not any(sizes.get(path, 1) for path in frozen):  # an item is not weighed
            self.troubles.append(Trouble("", "weightless", tuple(frozen)))
        elif not any(size for path, size in sizes.items() if path not in frozen):
            self.troubles.append(Trouble(key, "everything"))

    def named(self, selector: str) -> set[str]:
        """The paths that a name, a glob or a class selects, and all that is in them."""
        pattern = _dotted(selector)
        if len(pattern) > LONGEST:
            return set()
        found = set(self._names.get(pattern, ()))
        if not found and any(sign in pattern for sign in "*?["):
            fits = re.compile(translate(pattern)).fullmatch
            found.update(*(paths for name, paths in self._names.items() if fits(name)))
        if not found:
            word = load_catalog().find(selector, *LAYER_KINDS)
            name = word.name if word is not None else selector
            found = {it.path for it in self.everything if name in it.classes}
        return self.whole(found)

    def _check_choices(self, freeze: Freeze) -> None:
        amounts = {"first": freeze.first, "last": freeze.last}
        given = [key for key in ("until", "first", "last") if getattr(freeze, key)]
        self.troubles += [Trouble(key, "choices", (given[0],)) for key in given[1:]]
        for key, amount in amounts.items():
            if isinstance(amount, float) and amount > 1 and not amount.is_integer():
                self.troubles.append(Trouble(key, "no-share"))

    def _chosen(self, freeze: Freeze, weights: Weights) -> set[str]:
        if freeze.layers is None:
            chosen = self.whole(self.by_path)
        else:
            chosen = set()
            for selector in freeze.layers:
                found = self.named(selector)
                if not found:
                    self.nothing(f"layers:{selector}")
                chosen |= found
        if freeze.until:
            chosen &= self._until(freeze.until)
        if freeze.first is not None or freeze.last is not None:
            chosen &= self._counted(freeze, chosen, weights)
        return chosen

    def blame(self, key: str, kind: str, paths: Iterable[str] = ()) -> None:
        """Adds a trouble."""
        self.troubles.append(Trouble(key, kind, tuple(sorted(paths))))

    def nothing(self, key: str) -> None:
        """A selector names no layer: a trouble, unless it may be one that is not known here."""
        if self.opaque:
            self.certain = False
        else:
            self.troubles.append(Trouble(key, "nothing"))

    def whole(self, paths: Iterable[str]) -> set[str]:
        """The same with what is in them, and the layers themselves in the place of their uses."""
        roots = {self.by_path[path].owner or path for path in paths}
        own = (it.path for it in self.everything if it.kind != "use")
        return {path for path in own if not roots.isdisjoint(_outward(path))}

    # --- until --------------------------------------------------------------------------------

    def _until(self, name: str) -> set[str]:
        found = self._last(name)
        if len(found) != 1:
            if not found:
                self.nothing("until")
            else:
                self.troubles.append(Trouble("until", "several", tuple(found)))
            return set()
        path = found[0]
        before = {path}
        for outer in _outward(path):
            before |= self._ancestors(outer)
        return self.whole(before)

    def _last(self, name: str) -> list[str]:
        """The layer of this name; that of a block means the last layer in it."""
        if name in self.by_path:
            return [name]
        wanted = _dotted(name)
        exact = [path for path in self.by_path if wanted in map(_dotted, _endings(path))]
        if exact:
            return exact
        blocks = [path for path in self.by_path if _dotted(path).startswith(f"{wanted}.")]
        return blocks[-1:]

    def _ancestors(self, path: str) -> set[str]:
        """What the layer is called on, and what that is called on, in its own model."""
        found: set[str] = set()
        stack = [path]
        while stack:
            sources = set(self.by_path[stack.pop()].sources) - found
            found |= sources
            stack.extend(sources)
        return found

    # --- first and last -----------------------------------------------------------------------

    def _counted(self, freeze: Freeze, chosen: set[str], weights: Weights) -> set[str]:
        heavy = self.heavy(chosen, weights)
        if heavy is None or freeze.waits:
            self.certain = False
            return set()
        found: list[str] = []
        for key, amount in (("first", freeze.first), ("last", freeze.last)):
            if not isinstance(amount, int | float):
                continue
            number = _number(amount, len(heavy))
            if number > len(heavy):
                self.troubles.append(Trouble(key, "too-many", tuple(heavy)))
            found += heavy[:number] if key == "first" else heavy[-number:]
        return self.whole(found)

    def heavy(self, chosen: set[str], weights: Weights) -> list[str] | None:
        """Those of them that have weights, in the order of the calls; None where nobody knows."""
        layers = [it.path for it in self.everything if it.kind == "layer" and it.path in chosen]
        sizes = {path: weights(path) for path in layers}
        if self.opaque or None in sizes.values():
            self.certain = False
            return None
        return [path for path in layers if sizes[path]]


def _number(amount: Amount, layers: int) -> int:
    """How many layers an amount is: a share is rounded to the nearest, and never to none."""
    if isinstance(amount, int):
        return amount
    return max(1, int(amount * layers + 0.5)) if amount <= 1 else int(amount)


def _names(path: str) -> Iterator[str]:
    """Every name that means the layer: its path, the end of it, and those of what it is in."""
    for ending in _endings(path):
        dotted = _dotted(ending)
        yield dotted
        yield from (dotted[:place] for place, sign in enumerate(dotted) if sign == ".")


def _endings(path: str) -> Iterator[str]:
    """`a/b/c`, `b/c`, `c`."""
    steps = path.split(SEPARATOR)
    return (SEPARATOR.join(steps[number:]) for number in range(len(steps)))


def _outward(path: str) -> Iterator[str]:
    """`a/b/c`, `a/b`, `a`."""
    steps = path.split(SEPARATOR)
    return (SEPARATOR.join(steps[: number + 1]) for number in range(len(steps)))


def _dotted(name: str) -> str:
    """A path with one separator: models and blocks are named alike, `encoder.pool`."""
    return name.replace(SEPARATOR, ".")
