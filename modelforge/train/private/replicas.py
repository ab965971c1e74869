"""A step over several replicas that learns and measures what one process would.

Keras takes the mean over each replica's samples and divides it by the number of replicas, which
is right only where all hold equally many; it clips, accumulates and tests for overflow before the
gradients are summed; it cannot decide inside a step whether to update (keras#20582); and all
replicas draw the same random numbers. While a step is made or run here, four things are put in the
place of Keras's own:

- a replica's mean counts by its part of the samples (or of the unmasked elements, or weights);
- gradients are summed over the replicas before the optimizer sees them;
- then every replica updates its own copy of the variables as one process does, all alike;
- the seed of what a replica draws (dropout) has its number in it; the first draws as Keras does.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import keras
import tensorflow as tf

from modelforge.train.private.names import module, needed

# What Keras does in one process, where its TensorFlow optimizer would speak to all replicas. With
# summed gradients the replicas come to the same; and what speaks to no other may stand in a `cond`.
_ON_EACH = (
    "_apply_weight_decay",
    "_backend_increment_gradient_accumulators",
    "_backend_update_step",
    "_overwrite_model_variables_with_average_value",
)

# Between the seeds of two replicas, so that they meet no other layer's, which often are small.
_FAR_APART = 0x3C6EF35F


class _Held(threading.local):
    """What the replica holds that this thread works for: rows of so many of the whole batch."""

    rows: Any = None
    of: Any = None


_held = _Held()


@contextlib.contextmanager
def holding(rows: Any, of: Any) -> Iterator[None]:
    """What is computed inside is about so many rows of a batch of so many (integer tensors)."""
    _held.rows, _held.of = rows, of
    try:
        yield
    finally:
        _held.rows, _held.of = None, None


@contextlib.contextmanager
def as_one_process() -> Iterator[None]:
    """Steps that several replicas run inside come to what one process comes to.

    It stands around `strategy.run`; the function that is run there says what its replica holds
    with `holding`.
    """
    with contextlib.ExitStack() as stack:
        for owner, name, replacement in _replacements():
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, replacement)
        yield


def _replacements() -> Sequence[tuple[Any, str, Any]]:
    losses = module("keras.src.losses.loss")
    outputs = module("keras.src.trainers.compile_utils")
    base = module("keras.src.optimizers.base_optimizer").BaseOptimizer
    own = module("keras.src.backend.tensorflow.optimizer").TFOptimizer
    needed(losses, "scale_loss_for_distribution")
    needed(losses, "unscale_loss_for_distribution")
    needed(getattr(outputs, "loss_module", None), "unscale_loss_for_distribution")
    seeds = keras.random.SeedGenerator
    given: set[int] = set()  # optimizers inside another one, which has summed for them
    outermost = (base, keras.optimizers.LossScaleOptimizer, keras.optimizers.MultiOptimizer)
    return [
        (losses, "scale_loss_for_distribution", _scaled),
        (losses, "unscale_loss_for_distribution", _unscaled),
        (losses, "apply_mask", _masked(needed(losses, "apply_mask"))),
        (losses, "reduce_values", _reduced(needed(losses, "reduce_values"))),
        (outputs, "loss_module", _OfOutputs("loss_of_outputs")),
        (seeds, "next", _drawn(needed(seeds, "next"))),
        *((own, name, needed(base, name)) for name in _ON_EACH if needed(own, name)),
        *((kind, "apply", _applied(needed(kind, "apply"), given)) for kind in outermost),
    ]


def _scaled(value: Any) -> Any:
    return value * tf.cast(_part(_held.rows, _held.of), value.dtype)


def _unscaled(value: Any) -> Any:
    return value * tf.cast(_part(_held.of, _held.rows), value.dtype)


def _part(some: Any, of: Any) -> Any:
    return tf.math.divide_no_nan(tf.cast(some, tf.float32), tf.cast(of, tf.float32))


class _OfOutputs(ModuleType):
    """What Keras keeps of each output's loss: a mean over batches, whatever their size.

    Inside a graph it does not know how many samples a batch has, so that each counts once; so
    must the parts of a batch, each of which is already scaled.
    """

    def unscale_loss_for_distribution(self, value: Any) -> Any:
        if tf.executing_eagerly():
            return _unscaled(value)
        return value * tf.cast(tf.distribute.get_strategy().num_replicas_in_sync, value.dtype)


def _drawn(draw: Callable[..., Any]) -> Callable[..., Any]:
    def drawn(self: Any, ordered: bool = True) -> Any:
        seed = draw(self, ordered)
        replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, seed.dtype)
        return seed + tf.stack([replica * _FAR_APART, tf.zeros_like(replica)])

    return drawn


def _masked(apply_mask: Callable[..., Any]) -> Callable[..., Any]:
    def masked(sample_weight: Any, mask: Any, dtype: Any, reduction: Any) -> Any:
        weight = apply_mask(sample_weight, mask, dtype=dtype, reduction=reduction)
        if mask is None or reduction not in ("mean", "sum_over_batch_size"):
            return weight
        # Keras has divided by this replica's part of the unmasked elements.
        counts = tf.cast(tf.size(mask), dtype), tf.reduce_sum(tf.cast(mask, dtype))
        every, unmasked = _summed(counts)
        here = tf.math.divide_no_nan(counts[1], counts[0])
        return weight * here * tf.math.divide_no_nan(every, unmasked)

    return masked


def _reduced(reduce_values: Callable[..., Any]) -> Callable[..., Any]:
    def reduced(values: Any, sample_weight: Any = None, reduction: Any = "mean") -> Any:
        loss = reduce_values(values, sample_weight, reduction)
        if reduction != "mean_with_sample_weight" or sample_weight is None:
            return loss
        weight = tf.reduce_sum(tf.cast(sample_weight, loss.dtype))
        (of,) = _summed((weight,))
        return _unscaled(loss) * tf.math.divide_no_nan(weight, of)

    return reduced


def _applied(apply: Callable[..., Any], given: set[int]) -> Callable[..., Any]:
    def applied(self: Any, grads: Any, trainable_variables: Any = None) -> Any:
        if id(self) not in given:
            grads = _sum_gradients(list(grads))
            given.update(id(inner) for inner in _inside(self))
        return apply(self, grads, trainable_variables)

    return applied


def _inside(optimizer: Any) -> Sequence[Any]:
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        inner = optimizer.inner_optimizer
        return (inner, *_inside(inner))
    if isinstance(optimizer, keras.optimizers.MultiOptimizer):
        return tuple(optimizer.optimizers)
    return ()


def _sum_gradients(grads: list[Any]) -> list[Any]:
    """The gradients of the whole batch; None stays where a variable has none."""
    there = [grad for grad in grads if grad is not None]
    summed = iter(_summed(there) if there else ())
    return [None if grad is None else next(summed) for grad in grads]


def _summed(values: Sequence[Any]) -> Any:
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, list(values))
