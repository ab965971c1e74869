"""The order of the samples: a function of seed and epoch, the same on every machine."""

from __future__ import annotations

import numpy as np

# The streams of random numbers drawn from one seed must not meet: a split and the order of an
# epoch would otherwise be correlated.
SPLIT_STREAM = 2**63
_MASK = 2**64 - 1


def permutation(size: int, seed: int, stream: int) -> np.ndarray:
    """A permutation of 0 .. size - 1.

    The raw output of Philox is fixed by its specification; NumPy's `Generator.permutation`
    may change from one release to the next, which would move a resumed run to other samples.
    """
    generator = np.random.Philox(key=np.array([seed & _MASK, stream & _MASK], dtype=np.uint64))
    return np.argsort(generator.random_raw(size), kind="stable")


def epoch_order(samples: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """The samples in the order in which this epoch visits them."""
    return samples[permutation(len(samples), seed, epoch)]
