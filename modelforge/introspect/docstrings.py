"""Docstrings, read with griffe: a summary, a text, and a text for every argument."""

from __future__ import annotations

import inspect
import logging
import re
from dataclasses import dataclass, field
from typing import Any

try:
    import griffe
except ImportError:  # it comes with the extra `catalog`; plugins are described without it, too
    griffe = None

_SECTION = re.compile(r"^[A-Z][A-Za-z ]*:\n(?=[ \t])", re.MULTILINE)
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
    if griffe is None:
        return _plain(text)
    logging.getLogger("griffe").setLevel(logging.CRITICAL)
    arguments: dict[str, str] = {}
    prose: list[str] = []
    calls = ""
    for section in griffe.Docstring(text).parse("google", warnings=False):
        if section.kind is griffe.DocstringSectionKind.parameters:
            arguments.update(_unpasted(_by_name(section.value), thing))
        elif section.kind is griffe.DocstringSectionKind.text:
            prose.append(section.value.strip())
        elif (section.title or "").lower().startswith("call arg"):
            calls = section.value.contents
    summary, _, rest = "\n\n".join(prose).partition("\n\n")
    return Documentation(" ".join(summary.split()), rest.strip(), arguments, calls)


def _plain(text: str) -> Documentation:
    """What can be told without griffe: the text above the first section."""
    prose = _SECTION.split(text, maxsplit=1)[0].strip()
    summary, _, rest = prose.partition("\n\n")
    return Documentation(" ".join(summary.split()), rest.strip())


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


def _unpasted(texts: dict[str, str], thing: Any) -> dict[str, str]:
    """The texts apart again where Keras pastes the arguments of a base class into a docstring.

    From Python 3.13 on docstrings lose their indentation before Keras pastes, so that what was
    pasted looks like a part of its first argument. One space too many does the same anywhere.
    """
    begins = re.compile(rf"^({'|'.join(_parameters(thing))}): ", re.MULTILINE)
    found: dict[str, str] = {}
    for name, text in texts.items():
        first, *pasted = begins.split(text)
        found[name] = inspect.cleandoc(first)
        pairs = zip(pasted[::2], pasted[1::2], strict=True)
        found.update({other: inspect.cleandoc(its) for other, its in pairs})
    return found


def _parameters(thing: Any) -> set[str]:
    """The names of the parameters of a class and its bases, or of a function."""
    makers = [vars(cls).get("__init__") for cls in thing.__mro__] if inspect.isclass(thing) else []
    made_by = [maker for maker in makers if inspect.isfunction(maker)] or [thing]
    return {name for maker in made_by for name in inspect.signature(maker).parameters} - {"self"}


def _dedented(text: str) -> str:
    """Text whose sections start at the margin.

    Where Keras pastes an example without indentation into a docstring, the rest stays indented.
    """
    indented = _ARGUMENTS.search(text)
    if indented is None:
        return text
    return re.sub(rf"^{indented[1]}", "", text, flags=re.MULTILINE)
