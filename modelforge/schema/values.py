"""The schemas of plain values: texts, numbers, flags, choices, lists, mappings with fixed keys."""

from __future__ import annotations

from typing import Any

from modelforge.schema.forms import VARIABLE, Schema


def section(title: str, properties: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """A mapping with these keys and no others; title: what messages call it."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        "x-section": title,
        "x-expected": "a mapping",
    }


def described(reference: Schema, description: str) -> Schema:
    """A schema with a description of its place."""
    return {**reference, "description": description}


def items(item: Schema, description: str) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": item, "x-expected": "a list", "description": description}


def text(description: str, pattern: str = "", expected: str = "a string") -> Schema:
    """A text, of a pattern where one is given."""
    schema: dict[str, Any] = {"type": "string", "x-expected": expected, "description": description}
    return {**schema, "pattern": pattern} if pattern else schema


def flag(description: str) -> Schema:
    """True or false."""
    return {
        "type": ["boolean", "string"],
        "pattern": f"^{VARIABLE}$",
        "x-expected": "true or false",
        "description": description,
    }


def number(what: str) -> Schema:
    """A number; what: what it is for."""
    return {"type": ["number", "string"], "pattern": f"^{VARIABLE}$", "x-expected": what}


def whole(description: str, **bounds: int) -> Schema:
    """A whole number; bounds: `minimum`, `maximum`."""
    return {
        "type": ["integer", "string"],
        "pattern": f"^{VARIABLE}$",
        "x-expected": "an integer",
        "description": description,
        **bounds,
    }


def choice(description: str, choices: tuple[str, ...]) -> Schema:
    """One of a few words."""
    return {
        "type": "string",
        "pattern": "^(" + "|".join([*choices, VARIABLE]) + ")$",
        "x-choices": list(choices),
        "x-expected": "one of " + ", ".join(choices),
        "description": description,
    }
