"""What goes wrong while steps run, as findings: a loss that is no number, no memory, no disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from modelforge.build.trouble import comes_from_keras, sentence
from modelforge.data.bundle import Bundle
from modelforge.findings import Diverged, Finding, Lost, ModelForgeError, Refused, counted, refuse
from modelforge.graph.plugins import plugin_failed
from modelforge.runs.files import no_room
from modelforge.spec import Object, TrainSection
from modelforge.spec.targets import ONLY
from modelforge.train.data_trouble import lost_files
from modelforge.train.execute import NotFinite
from modelforge.train.position import Position
from modelforge.workers.roll import WORKER_LOST
from modelforge.workers.work import RESUME_WITH_ALL

_TOLD = 8  # samples of a batch that are named
_NO_TABLE = "Table not initialized"  # what a lookup without vocabulary says
_NO_WRITING = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}


def explain(error: Exception, train: TrainSection, bundle: Bundle) -> ModelForgeError | None:
    """The error as users are told it; None for a defect of ModelForge itself."""
    if isinstance(error, ModelForgeError):
        return error
    if isinstance(error, NotFinite):
        return _diverged(error, train, bundle)
    if _is_loss_of_a_worker(error):
        return Lost([_no_worker(error)])
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError) and not _of_disk(error):
        return _no_memory(error)
    failed = plugin_failed(error, sentence(error))
    if failed is not None:
        return Refused([failed])
    disk = _of_disk(error)
    if disk is not None:
        return _no_disk(disk)
    if isinstance(error, tf.errors.OpError):
        # TensorFlow says which operation failed; which file it was, the files must tell.
        lost = lost_files(bundle)
        if lost is not None:
            return lost
    if isinstance(error, tf.errors.FailedPreconditionError) and _NO_TABLE in str(error):
        return _no_vocabulary(train)
    if isinstance(error, tf.errors.OpError) or comes_from_keras(error):
        return refuse("step-failed", f"a training step failed: {sentence(error)}", train.span)
    return None


@contextmanager
def disk_told() -> Iterator[None]:
    """Tells of a disk that is full or closed wherever a run's files are written."""
    try:
        yield
    except (OSError, tf.errors.ResourceExhaustedError) as error:
        disk = _of_disk(error)
        if disk is None or not (no_room(disk) or disk.errno in _NO_WRITING):
            raise
        raise _no_disk(disk) from None


def _of_disk(error: Exception) -> OSError | None:
    """The error as Python has it; TensorFlow calls a full disk an exhausted resource, as memory."""
    if isinstance(error, OSError):
        return error
    full = os.strerror(errno.ENOSPC)
    return OSError(errno.ENOSPC, full) if full in str(error) else None


def _diverged(error: NotFinite, train: TrainSection, bundle: Bundle) -> Diverged:
    position = error.position
    place = f"epoch {position.epoch + 1}, step {position.step}"
    # Weights are found to be bad with a checkpoint, when no single batch is to blame any more.
    bad = _bad_values(bundle, position) if position.step else ""
    notes = [bad] if bad else _causes(train, bundle)
    if position.step and not bad:
        notes.append(_batch(bundle, position))
    kept = "the last checkpoint was written before that: it is kept, and its numbers are finite"
    message = f"the loss became {error.loss} in {place}"
    if error.weights:
        message = f"{error.weights} became NaN or infinite before the end of {position}"
    if train.on_divergence.restore:
        notes.append(f"the run went back {counted(train.on_divergence.restore, 'time')} already")
    return Diverged(
        [
            Finding(
                "diverged",
                message,
                train.optimizer.span,
                notes=tuple(note for note in (*notes, kept if position.epoch else "") if note),
            )
        ]
    )


def _batch(bundle: Bundle, position: Position) -> str:
    """Which samples a step learned from."""
    if bundle.train.names is None:
        return ""
    names = bundle.train.names(position.epoch, position.step - 1)
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return f"the batch: samples {', '.join(names[:_TOLD])}{more}"


def _bad_values(bundle: Bundle, position: Position) -> str:
    """Which part of the batch holds values that are no finite numbers, if one does."""
    step = position.step - 1
    batch = next(iter(bundle.train.batches(position.epoch, step)), None)
    if batch is None:
        return ""
    inputs = batch[0] if isinstance(batch[0], dict) else {"the input": batch[0]}
    parts: dict[str, Any] = {**{f"`{k}`" if len(inputs) > 1 else k: v for k, v in inputs.items()}}
    targets = batch[1] if len(batch) > 1 and isinstance(batch[1], dict) else {ONLY: batch[-1]}
    if len(batch) > 1:
        parts |= {f"the target `{k}`" if k else "the target": v for k, v in targets.items()}
    for name, values in parts.items():
        if not values.dtype.is_floating:
            continue
        array = values.numpy()
        rows = ~np.isfinite(array.reshape(len(array), -1)).all(axis=1)
        if rows.any():
            names = bundle.train.names(position.epoch, step) if bundle.train.names else ()
            of = [name for name, bad in zip(names, rows, strict=False) if bad][:_TOLD]
            samples = f": samples {', '.join(of)}" if of else ""
            return (
                f"the data is the cause: {name} holds NaN or infinite values in this batch{samples}"
            )
    return ""


def _causes(train: TrainSection, bundle: Bundle) -> list[str]:
    rate = train.optimizer.arguments.get("learning_rate")
    told = f" (it is {rate})" if isinstance(rate, int | float) else ""
    notes = [f"most often the learning rate is too high{told}: try a tenth of it"]
    if "clipnorm" not in train.optimizer.arguments:
        notes.append(f"or limit the steps: `{train.optimizer.name}: {{clipnorm: 1.0}}`")
    for name, target in bundle.targets.items():
        deviation = target.facts.get("target_std")
        if not isinstance(deviation, float) or deviation <= 100:
            continue
        said = f"the target `{name}`" if name else "the target"
        notes.append(
            f"{said} is large (standard deviation {deviation:.4g}): scale the last layer's "
            "output with `Rescaling`"
        )
    if train.precision == "mixed_float16":
        notes.append("float16 overflows at 65504: `precision: mixed_bfloat16` does not")
    if isinstance(train.loss, Object) and train.loss.arguments.get("from_logits"):
        notes.append("`from_logits: true` expects an output without activation")
    return notes


def _no_memory(error: Exception) -> Lost:
    return Lost(
        [
            Finding(
                "out-of-memory",
                f"the memory is not enough for a step: {sentence(error)}",
                notes=("use a smaller `batch_size` or a smaller model, then resume the run",),
            )
        ]
    )


def _is_loss_of_a_worker(error: Exception) -> bool:
    """Whether TensorFlow ends a step because another worker is gone or does not answer."""
    return isinstance(
        error,
        tf.errors.UnavailableError
        | tf.errors.DeadlineExceededError
        | tf.errors.AbortedError
        | tf.errors.CancelledError,
    ) or (isinstance(error, tf.errors.InternalError) and "ollective" in str(error))


def _no_vocabulary(train: TrainSection) -> ModelForgeError:
    return refuse(
        "no-vocabulary",
        "a layer of the model looks up in a vocabulary, and has none",
        train.span,
        notes=[
            "`TextVectorization`, `StringLookup` and `IntegerLookup` learn none from the data: "
            "list it, `vocabulary: [awful, fine, great]`",
            "`Hashing` needs none: it numbers whole texts",
        ],
    )


def _no_worker(error: Exception) -> Finding:
    return Finding(
        WORKER_LOST,
        "TensorFlow has lost another worker",
        notes=(
            sentence(error),
            RESUME_WITH_ALL,
        ),
    )


def _no_disk(error: OSError) -> ModelForgeError:
    where = f" `{error.filename}`" if error.filename else ""
    if no_room(error):
        return Lost(
            [
                Finding(
                    "disk-full",
                    f"the disk is full: the run folder{where} cannot be written",
                    notes=(
                        "what was written before is intact: make room, then resume the run from "
                        "its last checkpoint, or train anew where there is none yet",
                    ),
                )
            ]
        )
    return refuse(
        "run-folder", f"the run folder{where} cannot be written: {error.strerror or error}"
    )
