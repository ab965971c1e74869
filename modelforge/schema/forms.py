"""The JSON Schema of words, arguments and forms: the part that is generated from the catalog.

The shape is flat on purpose: an object whose keys are the words, and no `oneOf` or `anyOf`. So a
violation names the one key that is wrong, editors complete every word, and checking is fast.
Keys that begin with `x-` are ours: they tell `violations.py` what to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from modelforge.catalog import INNER_KINDS, Argument, Catalog, Head, Kind, Word

Schema = dict[str, Any]

BLOCK_NAME = "^[a-z][a-z0-9_]*$"
MODELS = ("model", "load")  # what may stand there in the place of a word

VARIABLE = r"\$\{.+\}"  # what the data will tell stands as `${...}` until the data is opened
_NAMES = {
    "null": "null",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "array": "a list",
    "object": "a mapping",
}
# What the short form of a word takes over from its first argument.
_SHORT = ("pattern", "minimum", "maximum", "exclusiveMinimum", "items", "minItems", "maxItems")


class Definitions(dict[str, Schema]):
    """The definitions of a schema, each made when it is first looked up.

    A spec uses a dozen of the several hundred words; making them all would cost a cold
    `modelforge validate` more than everything else that it does.
    """

    def __init__(self) -> None:
        super().__init__()
        self._makers: dict[str, Callable[[], Schema]] = {}

    def promise(self, key: str, make: Callable[[], Schema]) -> Schema:
        """A reference to a definition that `make` will make."""
        self._makers.setdefault(key, make)
        return {"$ref": f"#/definitions/{key}"}

    def __missing__(self, key: str) -> Schema:
        self[key] = self._makers[key]()
        return self[key]

    def complete(self) -> dict[str, Schema]:
        """All of them, also those that the others refer to, by name."""
        while missing := self._makers.keys() - self.keys():
            for key in missing:
                self[key]
        return dict(sorted(self.items()))


class Forms:
    """Makes the schema of words, arguments and forms, and the definitions they refer to."""

    def __init__(self, catalog: Catalog, *, documentation: bool) -> None:
        self.catalog = catalog
        self.documentation = documentation
        self.definitions = Definitions()

    def form(self, *kinds: Kind, plain: Iterable[str] = (), extra: Iterable[str] = ()) -> Schema:
        """A reference to the form of these kinds.

        plain: the JSON types that may stand instead of an object; extra: further strings that
        may, besides the words' own names.
        """
        plain, extra = sorted(set(plain)), sorted(extra)
        key = "-or-".join([*kinds, *plain, *extra])
        return self.definitions.promise(key, lambda: self._form(kinds, plain, extra))

    def _layer_inside(self, plain: Iterable[str]) -> Schema:
        """The form of a layer in an argument of another one; a model can stand there, too."""
        plain = sorted(set(plain))
        key = "-or-".join(["layer-inside", *plain])
        return self.definitions.promise(key, lambda: self._inside(plain))

    def _inside(self, plain: list[str]) -> Schema:
        schema = self._form(INNER_KINDS, plain, [])
        schema["properties"] |= {key: {"$ref": f"#/definitions/{key}"} for key in MODELS}
        schema |= {"x-beside": list(MODELS), "x-inside": True}
        schema["x-expected"] = _expected(INNER_KINDS[:1], plain)
        if self.documentation:  # a block can stand there, too, until it is expanded
            schema["patternProperties"] = {BLOCK_NAME: {}}
            schema["pattern"] = with_blocks(schema["pattern"])
        return schema

    def words(self, *kinds: Kind) -> dict[str, Schema]:
        """The properties of a form: every name of every word of these kinds."""
        properties: dict[str, Schema] = {}
        for head in self.catalog.heads(*kinds):
            properties[head.name] = self._word_property(head)
            for alias in head.aliases:
                properties.setdefault(alias, {**self._word_reference(head), "doNotSuggest": True})
        return properties

    def bare(self, *kinds: Kind, extra: Iterable[str] = (), plain: bool = False) -> str:
        """The pattern of strings that are a word without arguments.

        A variable may stand there too for an editor, which does not know whether it holds the
        object; and where a plain value may, which the data can tell.
        """
        heads = [head for head in self.catalog.heads(*kinds) if head.bare]
        names = [name for head in heads for name in (head.name, *head.aliases)]
        return _alternatives([*names, *extra], variable=self.documentation or plain)

    def argument(self, argument: Argument) -> Schema:
        """The schema of an argument's value."""
        if argument.unsayable:
            return {"not": {}, "x-unsayable": argument.unsayable}
        if "layer" in argument.kinds and not argument.many:
            schema = self._layer_inside(_plain_types(argument))
        elif argument.kinds and not argument.many:
            schema = self.form(
                *argument.kinds, plain=_plain_types(argument), extra=argument.choices
            )
        else:
            schema = self._plain_argument(argument)
        return {**schema, **self._described(argument)}

    def partial(self, kind: Kind, name: str) -> Schema:
        """A word's arguments, none of them required, in a mapping."""
        word = {**self._word(kind, name)}
        for key in ("required", "x-first", *_SHORT):
            word.pop(key, None)
        if "x-refused" not in word:
            word |= {"type": ["object"], "x-expected": f"the arguments of `{name}`"}
        return word

    def options(self, *kinds: Kind) -> dict[str, Schema]:
        """What the calls of these words take beside tensors; the wiring knows which takes which."""
        words = self.catalog.words(*kinds).values()
        options = {option.name: option for word in words for option in word.options}
        return {name: self.argument(option) for name, option in sorted(options.items())}

    def _form(self, kinds: tuple[Kind, ...], plain: list[str], extra: list[str]) -> Schema:
        anything = "string" in plain and not extra
        schema: Schema = {
            "type": sorted({"object", "string", *plain}),
            "additionalProperties": False,
            "minProperties": 1,
            # Directly on the object, maxProperties would stop editors from completing.
            "allOf": [{"maxProperties": 1}],
            "properties": self.words(*kinds),
            "x-form": list(kinds),
            "x-expected": _expected(kinds, plain),
        }
        if not anything:
            values = bool({*plain} - {"null"})
            schema["pattern"] = self.bare(*kinds, extra=extra, plain=values)
            schema["patternErrorMessage"] = (
                f"expected {schema['x-expected']}, or it needs arguments"
            )
        return schema

    def _word_property(self, head: Head) -> Schema:
        if not self.documentation:
            return self._word_reference(head)
        return {**self._word_reference(head), **_texts(head.summary, f"**{head.name}**: ")}

    def _word_reference(self, head: Head) -> Schema:
        kind, name = head.kind, head.name
        return self.definitions.promise(f"{kind}.{name}", lambda: self._word(kind, name))

    def _word(self, kind: Kind, name: str) -> Schema:
        word = self.catalog.find(name, kind)
        assert word is not None
        if word.refused:
            return {"not": {}, "x-refused": word.refused, "x-word": [word.kind, word.name]}
        schema: Schema = {
            "type": ["object"],
            "properties": {a.name: self.argument(a) for a in word.arguments},
            "additionalProperties": False,
            "x-word": [word.kind, word.name],
            "x-expected": f"the arguments of `{word.name}`",
        }
        if word.required:
            schema["required"] = [argument.name for argument in word.required]
        else:
            schema["type"].append("null")
        self._add_short_form(word, schema)
        return schema

    def _add_short_form(self, word: Word, schema: Schema) -> None:
        """`Name: value`, where one value is enough; a mapping always holds arguments."""
        first = word.first
        if first is None or any(argument is not first for argument in word.required):
            return
        short = self.argument(first)
        if "$ref" in short:
            short = self.definitions[short["$ref"].removeprefix("#/definitions/")]
        for keyword in _SHORT:
            if keyword in short:
                schema[keyword] = short[keyword]
        types = short.get("type", list(_NAMES))
        schema["type"] = sorted({*schema["type"], *types} - ({"null"} if first.required else set()))
        schema["x-first"] = first.name
        schema["x-expected"] = short.get("x-expected", "a value")

    def _plain_argument(self, argument: Argument) -> Schema:
        types = _plain_types(argument)
        if argument.kinds:  # many
            types = sorted({*types, "array"})
        schema: Schema = {"x-expected": _expected((), types, argument)}
        if types:
            # An expression over `data.*` stands as a string until the data is opened.
            schema["type"] = sorted({*types, "string"})
        if argument.choices:
            schema["pattern"] = _alternatives(_with_upper_case(argument.choices))
            schema["x-choices"] = list(argument.choices)
        elif types and "string" not in types:
            schema["pattern"] = f"^{VARIABLE}$"
        if argument.kinds:
            item = (
                self._layer_inside(argument.items)
                if "layer" in argument.kinds
                else self.form(*argument.kinds, plain=argument.items)
            )
            schema |= {"items": item}
            if "object" in types:
                schema["additionalProperties"] = item
        elif argument.items:
            names = " or ".join(_NAMES[t] for t in argument.items)
            schema["items"] = {"type": sorted({*argument.items, "string"}), "x-expected": names}
            if "string" not in argument.items:
                schema["items"]["pattern"] = f"^{VARIABLE}$"
        _bound(schema, argument)
        return schema

    def _described(self, argument: Argument) -> Schema:
        if not self.documentation:
            return {}
        default = "" if argument.required else f"\n\nDefault: `{_yaml(argument.default)}`"
        return _texts(argument.documentation, after=default)


def _bound(schema: Schema, argument: Argument) -> None:
    bounds = {
        "minimum": argument.minimum,
        "maximum": argument.maximum,
        "exclusiveMinimum": argument.above,
        "minItems": argument.length[0] if argument.length else None,
        "maxItems": argument.length[1] if argument.length else None,
    }
    schema.update({key: bound for key, bound in bounds.items() if bound is not None})
    if isinstance(schema.get("items"), dict) and "$ref" not in schema["items"]:
        numbers = ("minimum", "maximum", "exclusiveMinimum")
        schema["items"].update({key: schema[key] for key in numbers if key in schema})


def _plain_types(argument: Argument) -> list[str]:
    types = set(argument.types)
    if argument.default is None and not argument.required and types:
        types.add("null")
    if argument.kinds and not argument.many:
        types -= {"object"}
        if not argument.required and argument.default is None:
            types.add("null")
    return sorted(types)


def _expected(kinds: Iterable[str], plain: Iterable[str], argument: Argument | None = None) -> str:
    if argument is not None and argument.choices:
        return "one of " + ", ".join(argument.choices)
    plain = list(plain)
    if argument is not None and argument.kinds and "string" in argument.types:
        return f"a name, a list of names, or {argument.kinds[0]}s by name"
    if argument is not None and argument.kinds:
        return "a list of " + " or ".join(f"{kind}s" for kind in argument.kinds)
    names = [with_article(kind.replace("_", " ")) for kind in kinds]
    names += [
        _NAMES[t] for t in plain if t != "null" and not (t == "integer" and "number" in plain)
    ]
    return " or ".join(names) or "a value"


def with_blocks(pattern: str) -> str:
    """The pattern of bare words, with every name that a block can have."""
    return pattern.replace("^(", f"^({BLOCK_NAME[1:-1]}|", 1)


def with_article(noun: str) -> str:
    """`a loss`, `an optimizer`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _alternatives(names: Iterable[str], *, variable: bool = True) -> str:
    """A pattern of these names; those with a dot share what stands before it.

    Compiling it takes time in proportion to its length, and every cold start pays for that.
    """
    plain: set[str] = set()
    dotted: dict[str, set[str]] = {}
    for name in names:
        space, dot, rest = name.rpartition(".")
        if dot:
            dotted.setdefault(space, set()).add(re.escape(rest))
        else:
            plain.add(re.escape(name))
    parts = sorted(plain)
    parts += [
        rf"{re.escape(space)}\.({'|'.join(sorted(dotted[space]))})" for space in sorted(dotted)
    ]
    return "^(" + "|".join([*parts, VARIABLE] if variable else parts) + ")$"


def _with_upper_case(choices: Iterable[str]) -> list[str]:
    """Keras lowers many of its string arguments (`padding: SAME`)."""
    return [spelling for choice in choices for spelling in (choice, choice.upper())]


def _texts(text: str, before: str = "", after: str = "") -> Schema:
    return {"description": text, "markdownDescription": before + text + after}


def _yaml(value: Any) -> str:
    return json.dumps(value)
