"""The only place that touches what Keras keeps to itself, and that mends what it does wrong.

Seen on Keras 3.15.1. A later Keras may move these names: then training ends before its first step
with a sentence that says which name is missing, and nothing is guessed.
"""

from modelforge.train.private.names import (
    SEEN_ON,
    build_from_shapes,
    knows_direction,
    needed,
    restored_by_callback,
)
from modelforge.train.private.replicas import as_one_process, holding
from modelforge.train.private.saving import keep_answers

__all__ = [
    "SEEN_ON",
    "as_one_process",
    "build_from_shapes",
    "holding",
    "keep_answers",
    "knows_direction",
    "needed",
    "restored_by_callback",
]
