"""What changed between two descriptions of Keras, one line for each word or argument."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from modelforge.catalog.word import Argument, Word

_TEXTS = ("summary", "documentation")


def changes(old: Iterable[Word], new: Iterable[Word]) -> list[str]:
    """Words and arguments that came, went, or differ in more than their documentation."""
    before = {(word.kind, word.name): word for word in old}
    after = {(word.kind, word.name): word for word in new}
    found = [f"{kind} `{name}` is gone" for kind, name in sorted(before.keys() - after.keys())]
    found += [f"{kind} `{name}` is new" for kind, name in sorted(after.keys() - before.keys())]
    for key in sorted(before.keys() & after.keys()):
        found += _of_word(before[key], after[key])
    return found


def _of_word(old: Word, new: Word) -> list[str]:
    before = {argument.name: argument for argument in old.arguments}
    after = {argument.name: argument for argument in new.arguments}
    found = [f"`{new.name}.{name}` is gone" for name in before if name not in after]
    found += [f"`{new.name}.{name}` is new" for name in after if name not in before]
    for name in before.keys() & after.keys():
        differing = _differing(before[name], after[name])
        if differing:
            found.append(f"`{new.name}.{name}` has another {', '.join(differing)}")
    differing = [name for name in _differing(old, new) if name not in ("arguments", "_by_name")]
    return found + ([f"`{new.name}` has another {', '.join(differing)}"] if differing else [])


def _differing(old: Word | Argument, new: Word | Argument) -> list[str]:
    return [
        field.name
        for field in fields(old)
        if field.name not in _TEXTS and getattr(old, field.name) != getattr(new, field.name)
    ]
