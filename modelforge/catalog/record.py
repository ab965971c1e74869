"""Words as JSON and back: only what differs from the defaults is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from modelforge.catalog.word import Argument, Kind, Word

FORMAT = 1  # raised when an older ModelForge could not read what this one writes

_WORD_DEFAULTS = {f.name: f.default for f in fields(Word) if f.default is not MISSING}
_ARGUMENT_DEFAULTS = {f.name: f.default for f in fields(Argument) if f.default is not MISSING}


def dump(words: Iterable[Word], keras_version: str) -> str:
    """The text of a data file: a line for every argument, so that a change can be read."""
    blocks = ",\n".join(_word_text(word) for word in words)
    head = f'"format": {FORMAT},\n"keras": {json.dumps(keras_version)}'
    return f'{{\n{head},\n"words": [\n{blocks}\n]\n}}\n'


@dataclass(frozen=True, slots=True)
class Unread:
    """A word that is still a record: making all 350 would take longer than reading the file."""

    record: Mapping[str, Any]

    @property
    def kind(self) -> Kind:
        """The word's kind."""
        kind: Kind = self.record["kind"]
        return kind

    @property
    def name(self) -> str:
        """The word's canonical name."""
        name: str = self.record["name"]
        return name

    @property
    def summary(self) -> str:
        """The first sentence of the word's documentation."""
        summary: str = self.record.get("summary", "")
        return summary

    @property
    def bare(self) -> bool:
        """Whether the word may stand without arguments."""
        arguments = self.record.get("arguments", ())
        needs = any(argument.get("required") for argument in arguments)
        return not needs and not self.record.get("refused")

    @property
    def aliases(self) -> Sequence[str]:
        """The word's other names."""
        aliases: Sequence[str] = self.record.get("aliases", ())
        return aliases


Head = Word | Unread  # what both tell without more being read: kind, name, aliases, summary, bare


def load(text: str) -> tuple[str, list[Unread]]:
    """The Keras version and the words of a data file; ValueError where it cannot be understood."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("not a catalog file of this version of ModelForge")
    return document["keras"], [Unread(record) for record in document["words"]]


def word_of(record: Mapping[str, Any]) -> Word:
    """A word from its record."""
    facts = dict(record)
    for name in ("arguments", "options"):
        facts[name] = tuple([argument_of(argument) for argument in facts.get(name, ())])
    for name in ("aliases", "calls"):
        if name in facts:
            facts[name] = tuple(facts[name])
    return Word(**facts)


def argument_of(record: Mapping[str, Any]) -> Argument:
    """An argument from its record."""
    facts = dict(record)
    for name in ("types", "kinds", "choices", "items", "length"):
        if name in facts:
            facts[name] = tuple(facts[name])
    return Argument(**facts)


def _word_text(word: Word) -> str:
    lines = [
        f' "{name}": {_text(value)}'
        for name, value in _changed(word, _WORD_DEFAULTS).items()
        if name not in ("arguments", "options", "_by_name")
    ]
    for name, arguments in (("arguments", word.arguments), ("options", word.options)):
        if arguments:
            records = ",\n  ".join(_text(_changed(a, _ARGUMENT_DEFAULTS)) for a in arguments)
            lines.append(f' "{name}": [\n  {records}\n ]')
    return "{\n" + ",\n".join(lines) + "\n}"


def _changed(thing: Word | Argument, defaults: Mapping[str, Any]) -> dict[str, Any]:
    values = {f.name: getattr(thing, f.name) for f in fields(thing)}
    return {
        name: value
        for name, value in values.items()
        # 0 and False are equal in Python, and both are defaults that must not be lost.
        if name not in defaults
        or value != defaults[name]
        or type(value) is not type(defaults[name])
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
