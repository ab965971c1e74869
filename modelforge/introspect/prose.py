"""What the first words of an argument's documentation say about its type and its choices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from modelforge.catalog.word import JsonType

_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4}
_ITEMS: tuple[tuple[str, JsonType], ...] = (
    ("int", "integer"),
    ("float", "number"),
    ("num", "number"),
    ("str", "string"),
    ("tup", "array"),
)
_LIST = re.compile(
    r"\b(?:lists?|tuples?|array)(?:\s*/\s*|\s+or\s+)?(?:lists?|tuples?)?"
    r"(?:\s+of\s+(?:(?P<count>\d|one|two|three|four)\s+)?(?P<item>\w+))?",
    re.IGNORECASE,
)
_WORDS: tuple[tuple[JsonType, str], ...] = (
    ("boolean", r"\b(bool|boolean)\b|^whether\b|^if true,|or false\b"),
    ("integer", r"\b(int|ints|integers?)\b"),
    ("number", r"\b(floats?|floating|scalar|python number|fraction|l[12] regularization)\b"),
    ("string", r"\b(str|strings?|path|filename|pathlike)\b"),
    ("object", r"\b(dict|dictionary)\b"),
    ("null", r"\bnone\b"),
)
_COUNTED = re.compile(r"^(?:the )?(?:maximum |total |desired )?(?:number of|size of)\b", re.I)
_TENSORS = re.compile(r"\b(tensor|matrix)\b", re.IGNORECASE)
_FILLER = re.compile(r"^(\(?optional\)?|defaults? to .*|unset by default)$", re.IGNORECASE)
_QUOTED = re.compile(r"""["'](\w+)`?["']""")
_OFFER = re.compile(
    r"one of|either|can be|supports|supported (?:values|options)(?: are|:)|options include"
    r"|(?:available|acceptable) (?:values|methods) are|^string,|^(?=[`\"'])",
    re.IGNORECASE,
)
_OFFER_ENDS = re.compile(r"\.(?:\s|$)|\bconfiguring\b|\s-\s")
_BULLET = re.compile(r"""^- [`"']+(\w+)[`"']+""", re.MULTILINE)
_OPEN = re.compile(r"\b(path|e\.g|such as|name of)\b", re.IGNORECASE)
_NOT_STRINGS = ("None", "True", "False")


@dataclass(frozen=True)
class Said:
    """Types that were named, and what was said about a list's items."""

    types: tuple[JsonType, ...] = ()
    items: tuple[JsonType, ...] = ()
    count: int | None = None


def said(documentation: str) -> Said:
    """The types that the first telling sentence names, or else the second."""
    none: tuple[JsonType, ...] = ("null",) if "None" in documentation else ()
    telling = [sentence for sentence in _sentences(documentation) if not _FILLER.match(sentence)]
    for sentence in telling[:2]:
        found = _types(sentence)
        if set(found.types) - {"null"}:
            return Said(tuple(dict.fromkeys((*found.types, *none))), found.items, found.count)
    return Said(none)


def choices(documentation: str) -> tuple[str, ...]:
    """The strings that the documentation allows, where it is plain that there are no others."""
    text = " ".join(documentation.split())
    for offer in _OFFER.finditer(text):
        rest = _OFFER_ENDS.split(text[offer.end() :])[0]
        found = [word for word in _QUOTED.findall(rest) if word not in _NOT_STRINGS]
        if found and not _OPEN.search(rest):
            return tuple(dict.fromkeys(found))
        if found:
            return ()
    bullets = [word for word in _BULLET.findall(documentation) if word not in _NOT_STRINGS]
    return tuple(dict.fromkeys(bullets))


def _sentences(documentation: str) -> Iterator[str]:
    for sentence in re.split(r"\.(?:\s+|$)|:\s+-\s", " ".join(documentation.split())):
        yield re.sub(r"^\(?optional\)?\s+", "", sentence, flags=re.IGNORECASE)


def _types(sentence: str) -> Said:
    # A quoted "int" or `float32` is a value, not a type; `None`, `False` and `str` are meant.
    sentence = re.sub(r"[\"'][^\"']*[\"']", " ", sentence).replace("`", "")
    types: list[JsonType] = []
    lists = list(_LIST.finditer(sentence))
    if lists:
        types.append("array")
    elif _TENSORS.search(sentence):
        return Said()
    rest = _LIST.sub(" ", sentence)
    if _COUNTED.search(rest):
        types.append("integer")
    types += [name for name, word in _WORDS if re.search(word, rest, re.IGNORECASE)]
    described = [match for match in lists if match["item"]]
    items = [
        name
        for match in described
        for start, name in _ITEMS
        if match["item"].lower().startswith(start)
    ]
    return Said(tuple(dict.fromkeys(types)), tuple(dict.fromkeys(items)), _count(lists, described))


def _count(lists: list[re.Match[str]], described: list[re.Match[str]]) -> int | None:
    """How many items a list has, if every list that is spoken of has as many."""
    counts = {match["count"] for match in described}
    if len(counts) != 1 or len(described) != len(lists):
        return None
    number = counts.pop()
    return (_COUNTS.get(number) or int(number)) if number else None
