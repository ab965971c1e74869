"""The schema of how a run can go on: when checkpoints are written, what happens if it diverges."""

from __future__ import annotations

from modelforge.schema.forms import VARIABLE, Schema


def checkpoint() -> Schema:
    """`train.checkpoint`."""
    keys = {
        "every_epochs": _whole("After so many epochs.", 1),
        "every_steps": _whole("After so many steps.", 1),
        "every_seconds": _whole("After so many seconds, once a step is done.", 1),
        "keep": _whole("How many are kept.", 1),
    }
    return {
        **_mapping("train.checkpoint", keys),
        "description": "When a checkpoint is written to resume from; else after every epoch.",
    }


def on_divergence() -> Schema:
    """`train.on_divergence`."""
    keys = {
        "restore": _whole("How often to go back to the last checkpoint.", 0),
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
        **_mapping("train.on_divergence", keys),
        "required": ["restore"],
        "description": "What happens when the loss is no finite number; else training ends.",
    }


def _mapping(title: str, keys: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": keys,
        "additionalProperties": False,
        "x-section": title,
        "x-expected": "a mapping",
    }


def _whole(description: str, minimum: int) -> Schema:
    return {
        "type": ["integer", "string"],
        "pattern": f"^{VARIABLE}$",
        "x-expected": "an integer",
        "description": description,
        "minimum": minimum,
        "maximum": 1_000_000_000,
    }
