"""The schema of what expands into plain layers: editors know it, the check never sees it."""

from __future__ import annotations

import re

from modelforge.schema.forms import BLOCK_NAME, VARIABLE, Forms, Schema, with_blocks

KEYS = ("parallel", "repeat", "for", "if", "merge")


def blocks(forms: Forms) -> Schema:
    """`blocks`."""
    return {
        "type": "object",
        "description": "Pieces of a model, with parameters, that are used like layers.",
        "propertyNames": {"pattern": BLOCK_NAME},
        "additionalProperties": {
            "type": "object",
            "required": ["layers"],
            "additionalProperties": False,
            "properties": {
                "params": {
                    "type": "object",
                    "description": "Parameters and their defaults; nothing makes one required.",
                },
                "inputs": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Names of what comes in; `input` where it is left out.",
                },
                "layers": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"$ref": "#/definitions/item"},
                    "description": "Layers; the last one is what comes out.",
                },
            },
        },
    }


def defaults(forms: Forms) -> Schema:
    """`model.defaults`: every layer with its arguments, none of them required."""
    return {
        "type": "object",
        "properties": {
            head.name: forms.definitions.promise(
                f"defaults.{head.name}", _partial(forms, head.name)
            )
            for head in forms.catalog.heads("layer")
        },
        "additionalProperties": False,
        "x-form": ["layer"],
        "x-expected": "arguments by layer",
        "description": "Arguments for every layer of a class that does not set them itself.",
    }


def item(plain: Schema, forms: Forms) -> Schema:
    """An item of `layers` as it is written: a plain one, a block, a loop, branches."""
    items = {"type": "array", "items": {"$ref": "#/definitions/item"}}
    words = forms.catalog.words("layer", "operation")
    merging = [name for name, word in words.items() if word.takes_several]
    forms_of = forms.words("layer", "operation")
    properties = {
        "parallel": {
            "type": "array",
            "items": items,
            "description": "Branches, each a list of layers; `[]` passes its input on.",
        },
        "merge": {
            "type": ["string", "object"],
            "properties": {name: forms_of[name] for name in merging},
            "additionalProperties": False,
            "pattern": f"^({'|'.join(map(re.escape, merging))}|{VARIABLE})$",
            "description": "The layer that makes one of the branches of `parallel`.",
        },
        "repeat": {
            "type": ["integer", "string"],
            "minimum": 0,
            "description": "How many times; `${i}` counts from 0.",
        },
        "for": {
            "type": "object",
            "additionalProperties": {"type": ["array", "string"]},
            "description": "Once for each value of the lists, which go in step.",
        },
        "if": {
            "type": ["boolean", "string"],
            "description": "Whether the item is there.",
        },
    }
    return {
        **plain,
        "properties": {**plain["properties"], **properties},
        # Words with small letters are blocks, whose names no schema can know.
        "patternProperties": {BLOCK_NAME: {}},
        "pattern": with_blocks(plain["pattern"]),
    }


def _partial(forms: Forms, name: str):  # type: ignore[no-untyped-def]
    return lambda: forms.partial("layer", name)
