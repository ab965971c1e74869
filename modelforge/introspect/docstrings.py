"""Keras's docstrings, read with griffe: a summary, a text, and a text for every argument."""

from __future__ import annotations

import inspect
import logging
import re
from dataclasses import dataclass, field
from typing import Any

import griffe

_ARGUMENTS = re.compile(r"^( +)Args:$", re.MULTILINE)


@dataclass(frozen=True)
class Documentation:
    """A docstring in parts; calls holds what it says about the arguments of `call`."""

    summary: str = ""
    text: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    calls: str = ""


def documentation_of(thing: Any) -> Documentation:
    """The parts of the docstring at `thing` itself; a base class's is read from the base."""
    raw = vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__
    text = _dedented(inspect.cleandoc(raw or ""))
    if not text:
        return Documentation()
    logging.getLogger("griffe").setLevel(logging.CRITICAL)
    arguments: dict[str, str] = {}
    prose: list[str] = []
    calls = ""
    for section in griffe.Docstring(text).parse("google", warnings=False):
        if section.kind is griffe.DocstringSectionKind.parameters:
            arguments.update(_by_name(section.value))
        elif section.kind is griffe.DocstringSectionKind.text:
            prose.append(section.value.strip())
        elif (section.title or "").lower().startswith("call arg"):
            calls = section.value.contents
    summary, _, rest = "\n\n".join(prose).partition("\n\n")
    return Documentation(" ".join(summary.split()), rest.strip(), arguments, calls)


def arguments_of(thing: Any) -> dict[str, str]:
    """The text for every argument, a base class's where the class itself says nothing."""
    found: dict[str, str] = {}
    for cls in reversed(thing.__mro__ if inspect.isclass(thing) else (thing,)):
        found.update(documentation_of(cls).arguments)
    return found


def _by_name(parameters: Any) -> dict[str, str]:
    """`l1, l2: ...` speaks of both."""
    return {
        name.strip(): inspect.cleandoc(parameter.description)
        for parameter in parameters
        for name in str(parameter.name).lstrip("*").split(",")
    }


def _dedented(text: str) -> str:
    """Text whose sections start at the margin.

    Where Keras pastes an example without indentation into a docstring, the rest stays indented.
    """
    indented = _ARGUMENTS.search(text)
    if indented is None:
        return text
    return re.sub(rf"^{indented[1]}", "", text, flags=re.MULTILINE)
