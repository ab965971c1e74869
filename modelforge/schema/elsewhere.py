"""Keys that belong to another section: arguments of Keras's `fit` and `compile`, and of a run."""

from __future__ import annotations

from collections.abc import Mapping

from modelforge.document import Path

_ELSEWHERE: Mapping[Path, str] = {
    ("train", "batch_size"): "write `batch_size` under `data`",
    ("train", "shuffle"): "write `shuffle` under `data`",
    ("train", "validation_split"): "write `validation` under `data`",
    ("train", "validation_data"): "write `validation` under `data`",
    ("train", "learning_rate"): "write `optimizer: {Adam: {learning_rate: ...}}`",
    ("data", "epochs"): "write `epochs` under `train`",
    ("model", "loss"): "write `loss` under `train`",
    ("model", "optimizer"): "write `optimizer` under `train`",
}

# What holds for all of a run, and has no meaning in one of its phases.
_OF_THE_RUN = ("checkpoint", "deterministic", "distribute", "phases", "precision", "seed")


def elsewhere(path: Path) -> str:
    """How to say what a key that is not known at a path means; empty where it means nothing."""
    plain = _without_phase(path)
    if plain != path and len(plain) == 2 and plain[1] in _OF_THE_RUN:
        return f"write `{plain[1]}` under `train`: it is the same in all phases"
    return _ELSEWHERE.get(plain, "")


def loss_of(path: Path) -> Path | None:
    """The path of the loss by output name that a path leads into: `train.loss.digit`."""
    plain = _without_phase(path)
    if plain[:2] != ("train", "loss") or len(plain) < 3:
        return None
    return path[: 3 + len(path) - len(plain)]


def _without_phase(path: Path) -> Path:
    """The path as if a phase were the whole of `train`."""
    return ("train", *path[3:]) if path[:2] == ("train", "phases") and len(path) > 3 else path
