"""Words of messages: the nearest of the names that would have been right, lists, counts."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 100  # characters of a name that is compared; the time grows with their square
MOST_COMPARED = 1_000  # names that one is compared with; the words of a layer are about 600

# What people coming from elsewhere write. A key here is only looked up after the plain search
# found nothing nearer, and a value is only offered where it is among the candidates.
HABITS = {
    "batchnorm": "BatchNormalization",
    "batchnorm2d": "BatchNormalization",
    "layernorm": "LayerNormalization",
    "linear": "Dense",
    "fc": "Dense",
    "lr": "learning_rate",
    "globalavgpool": "GlobalAveragePooling2D",
    "crossentropyloss": "SparseCategoricalCrossentropy",
    "bceloss": "BinaryCrossentropy",
    "l1loss": "MeanAbsoluteError",
    "mseloss": "MeanSquaredError",
    "checkpoint": "ModelCheckpoint",
    "dataset": "data",
    "training": "train",
    "network": "model",
    "in_channels": "filters",
    "out_channels": "filters",
    "kernel": "kernel_size",
    "out_features": "units",
    "hidden_size": "units",
    "p": "rate",
}


def nearest(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The candidate most like `name`, without regard to case; None where none is near."""
    import difflib  # here, because a spec without errors never needs it

    if len(name) > LONGEST:
        return None
    by_folded: dict[str, list[str]] = {}
    for candidate in _comparable(name, candidates):
        by_folded.setdefault(_fold(candidate), []).append(candidate)
    folded, habit = _fold(name), _fold(HABITS.get(name.lower(), ""))
    if folded not in by_folded and habit in by_folded:
        folded = habit
    elif folded not in by_folded:
        close = difflib.get_close_matches(folded, by_folded, n=1, cutoff=cutoff)
        folded = close[0] if close else ""

    def likeness(spelling: str) -> float:
        return difflib.SequenceMatcher(None, name, spelling).ratio()

    # Of several spellings (`HeNormal`, `he_normal`) the one that is most like what was written.
    return max(by_folded.get(folded, []), key=likeness, default=None)


def _comparable(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidates, or only those that may well be meant where comparing all takes too long."""
    short = [candidate for candidate in candidates if len(candidate) <= LONGEST]
    if len(short) <= MOST_COMPARED:
        return short
    first = name[:1].lower()
    near = [c for c in short if c[:1].lower() == first and abs(len(c) - len(name)) <= 2]
    return near[:MOST_COMPARED]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """The hint behind the carets, or an empty string."""
    near = nearest(name, candidates)
    return f"did you mean `{near}`?" if near else ""


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names as a sentence shows them: sorted as given, cut after `most` with a count."""
    names = list(names)
    shown = ", ".join(names[:most])
    rest = len(names) - most
    return f"{shown}, ... ({rest} more)" if rest > 0 else shown


def counted(number: int | None, what: str) -> str:
    """`1 channel`, `3 channels`."""
    return ("?" if number is None else f"{number:,}") + f" {what}" + "s" * (number != 1)


def _fold(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
