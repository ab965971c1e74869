"""Losses, metrics, optimizers, schedules and callbacks."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.graph.constructors.values import Refusal, Rule, Values, within
from modelforge.spec import Object

_CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")


def clipped(values: Values) -> Iterator[Refusal]:
    """Gradients are cut in one way."""
    written = [name for name in _CLIPPING if values.given.get(name) is not None]
    if len(written) > 1:
        message = f"`{written[0]}` and `{written[1]}` cannot both be given"
        yield Refusal(written[1], message, "leave one of them out")


def piecewise(values: Values) -> Iterator[Refusal]:
    """One value more than boundaries."""
    boundaries, steps = values.list("boundaries"), values.list("values")
    if boundaries is not None and steps is not None and len(steps) != len(boundaries) + 1:
        message = f"{len(boundaries)} boundaries have {len(steps)} values, expected one more"
        yield Refusal("values", message)


def among(values: Values) -> Iterator[Refusal]:
    """Classes that are measured."""
    classes, known = values.list("target_class_ids"), values.number("num_classes")
    known = 2 if known is None else known  # of BinaryIoU
    if classes is not None and not classes:
        yield Refusal("target_class_ids", "`target_class_ids` names no class")
    largest = values.largest("target_class_ids")
    if classes and largest is not None and largest >= known:
        message = f"`target_class_ids` names {largest}, but {known} classes count from 0"
        yield Refusal("target_class_ids", message)


def labelled(values: Values) -> Iterator[Refusal]:
    """Several labels at once."""
    if values.value("num_labels") and not values.flag("multi_label"):
        yield Refusal("num_labels", "`num_labels` needs `multi_label: true`")


def curve(values: Values) -> Iterator[Refusal]:
    """The curves that there are."""
    if values.text("curve") and values.text("curve") not in ("PR", "ROC", "PRGAIN"):
        message = f"there is no curve `{values.text('curve')}`"
        yield Refusal("curve", message, "write `ROC`, `PR` or `PRGAIN`")


def saved(values: Values) -> Iterator[Refusal]:
    """What a checkpoint's file must be called."""
    path = values.text("filepath")
    if not path:
        return
    if values.flag("save_weights_only"):
        if not path.endswith(".weights.h5"):
            message = "a file of weights alone must end in `.weights.h5`"
            yield Refusal("filepath", message)
    elif not path.endswith((".keras", ".h5")):
        yield Refusal("filepath", "a file of a model must end in `.keras`")


def profiled(values: Values) -> Iterator[Refusal]:
    """The first and the last batch."""
    batches = values.list("profile_batch")
    if batches is None or len(batches) != 2:
        return
    first, last = (item if isinstance(item, int) else None for item in batches)
    if first is not None and last is not None and first > last:
        yield Refusal("profile_batch", f"`profile_batch` begins with {first} and ends with {last}")


def kept(values: Values) -> Iterator[Refusal]:
    """Where the state is kept."""
    if values.given.get("backup_dir") == "":
        yield Refusal("backup_dir", "`backup_dir` names no folder")


def smoothed(values: Values) -> Iterator[Refusal]:
    """Labels that are left out are not smoothed."""
    if values.number("label_smoothing") and values.given.get("ignore_class") is not None:
        message = "`label_smoothing` and `ignore_class` cannot both be given"
        yield Refusal("label_smoothing", message, "leave one of them out")


OPTIMIZERS: tuple[Rule, ...] = (
    clipped,
    within("gradient_accumulation_steps", least=2),
    within("ema_momentum", least=0, most=1),
)

TRAINING: dict[tuple[str, str], tuple[Rule, ...]] = {
    ("schedule", "PiecewiseConstantDecay"): (piecewise,),
    ("loss", "CategoricalGeneralizedCrossEntropy"): (within("q", above=0, below=1),),
    ("loss", "SparseCategoricalCrossentropy"): (smoothed,),
    ("metric", "AUC"): (labelled, curve),
    ("metric", "FBetaScore"): (within("threshold", above=0, most=1),),
    ("metric", "F1Score"): (within("threshold", above=0, most=1),),
    ("metric", "IoU"): (among,),
    ("metric", "OneHotIoU"): (among,),
    ("metric", "BinaryIoU"): (among,),
    ("callback", "BackupAndRestore"): (kept,),
    ("callback", "ModelCheckpoint"): (saved,),
    ("callback", "ReduceLROnPlateau"): (within("factor", below=1),),
    ("callback", "TensorBoard"): (profiled,),
}


def rules_for(item: Object) -> tuple[Rule, ...]:
    """The rules that speak of an object of `train`."""
    own = TRAINING.get((item.kind, item.name), ())
    return (*OPTIMIZERS, *own) if item.kind == "optimizer" else own
