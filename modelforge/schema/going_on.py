"""The schema of how a run can go on: when checkpoints are written, what happens if it diverges."""

from __future__ import annotations

from modelforge.schema.forms import VARIABLE, Schema
from modelforge.schema.values import section, whole

_MOST = 1_000_000_000


def checkpoint() -> Schema:
    """`train.checkpoint`."""
    keys = {
        "every_epochs": whole("After so many epochs.", minimum=1, maximum=_MOST),
        "every_steps": whole("After so many steps.", minimum=1, maximum=_MOST),
        "every_seconds": whole(
            "After so many seconds, once a step is done.", minimum=1, maximum=_MOST
        ),
        "keep": whole("How many are kept.", minimum=1, maximum=_MOST),
    }
    return {
        **section("train.checkpoint", keys),
        "description": "When a checkpoint is written to resume from; else after every epoch.",
    }


def on_divergence() -> Schema:
    """`train.on_divergence`."""
    keys = {
        "restore": whole(
            "How often to go back to the last checkpoint; 0: never, training ends.",
            minimum=0,
            maximum=_MOST,
        ),
        "learning_rate": {
            "type": ["number", "string"],
            "pattern": f"^{VARIABLE}$",
            "x-expected": "a number greater than 0, at most 1",
            "exclusiveMinimum": 0,
            "maximum": 1,
            "description": "What the learning rate is multiplied by each time; 0.5 if left out.",
        },
    }
    return {
        **section("train.on_divergence", keys, required=("restore",)),
        "description": "What happens when the loss is no finite number; else training ends.",
    }
