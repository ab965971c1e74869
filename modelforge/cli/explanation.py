"""A word's documentation as text for a terminal and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from modelforge.catalog import Argument, Word

_WIDTH = 88
_HOMES = {
    "layer": "an item of `model.layers`",
    "application": "an item of `model.layers`",
    "operation": "an item of `model.layers`",
    "loss": "`train.loss`",
    "metric": "an item of `train.metrics`",
    "optimizer": "`train.optimizer`",
    "schedule": "an optimizer's `learning_rate`",
    "callback": "an item of `train.callbacks`",
    "source": "`data.train`, `data.validation`, `data.test`",
    "feature": "a feature of a data source",
    "target": "a target of a data source",
    "export": "an item of `export`",
    "strategy": "`train.distribute`",
}


def as_text(word: Word, argument: str = "") -> str:
    """Everything about a word, or about one of its arguments."""
    if argument:
        found = word.argument(argument)
        return "\n".join(_argument(word, found, brief=False)) if found else ""
    lines = [f"{word.name} ({_kind(word)} of {word.module})"]
    if word.aliases:
        lines.append(f"also written: {', '.join(word.aliases)}")
    if word.refused:
        lines += ["", *_wrapped(f"A spec cannot use it: {word.refused}.")]
    lines += ["", *_wrapped(word.summary)] if word.summary else []
    lines += ["", *_how_to_write(word)] if not word.refused else []
    if word.arguments:
        lines += ["", "Arguments:"]
        for each in word.arguments:
            lines += _argument(word, each, brief=True)
    if word.calls:
        lines += ["", *_calls(word)]
    if word.documentation:
        lines += ["", word.documentation]
    return "\n".join(lines)


def as_json(words: Iterable[Word], argument: str = "") -> str:
    """The words, or one argument of each, as a JSON object."""
    shown = [_record(word, argument) for word in words]
    return json.dumps({"schema_version": 1, "words": shown}, indent=2, ensure_ascii=False)


def example(word: Word) -> str:
    """The shortest way to write the word in YAML."""
    required = [argument for argument in word.required if not argument.unsayable]
    if not required:
        return word.name
    if len(required) == 1 and word.first is required[0]:
        return f"{word.name}: {_sample(required[0])}"
    inner = ", ".join(f"{argument.name}: {_sample(argument)}" for argument in required)
    return f"{word.name}: {{{inner}}}"


def types_of(argument: Argument) -> str:
    """What an argument takes, in words: `integer or list of 2 integers, at least 1`."""
    if argument.unsayable:
        return f"cannot be written: {argument.unsayable}"
    if argument.choices:
        parts = [*argument.choices, *(name for name in argument.types if name != "string")]
        return _either(parts)
    parts = [f"{_article(kind)}s" if argument.many else kind for kind in argument.kinds]
    parts += [_list(argument) if name == "array" else name for name in argument.types]
    return (_either(parts) or "anything") + _bounds(argument)


def _how_to_write(word: Word) -> list[str]:
    home = _HOMES.get(word.kind)
    lines = [f"In a spec{f', as {home}' if home else ''}:", f"    {example(word)}"]
    tensors = word.needed_tensors
    if len(tensors) > 1:
        lines[-1] = lines[-1] if ":" in lines[-1] else f"{lines[-1]}:"
        lines.append(f"    from: {{{', '.join(f'{name}: ...' for name in tensors)}}}")
    return lines


def _argument(word: Word, argument: Argument, *, brief: bool) -> list[str]:
    state = "required" if argument.required else f"default {json.dumps(argument.default)}"
    if argument.name in word.needed_tensors:
        state = "or a layer in `from`"
    title = f"  {argument.name}" if brief else f"{word.name}.{argument.name}"
    lines = [f"{title}: {types_of(argument)}; {state}"]
    text = argument.documentation
    if brief:
        sentence = " ".join(text.split()).split(". ")[0].rstrip(".")
        return lines + textwrap.wrap(
            sentence, _WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
    return [*lines, "", text] if text else lines


def _calls(word: Word) -> list[str]:
    lines = _wrapped(f"Called with: {', '.join(word.calls)}" + (" (a list)" if word.merges else ""))
    if word.options:
        options = ", ".join(f"{o.name} ({json.dumps(o.default)})" for o in word.options)
        lines += _wrapped(f"Options under `call`: {options}")
    return lines


def _record(word: Word, argument: str) -> dict[str, Any]:
    record = {name: value for name, value in asdict(word).items() if not name.startswith("_")}
    if argument:
        record["arguments"] = [a for a in record["arguments"] if a["name"] == argument]
    return record


def _kind(word: Word) -> str:
    return word.kind.replace("_", " ")


def _article(kind: str) -> str:
    return f"list of {kind}"


def _list(argument: Argument) -> str:
    count = ""
    if argument.length:
        least, most = argument.length
        count = f"{least} " if least == most else f"{least} to {most} "
    items = "s or ".join(name.replace("array", "list") for name in argument.items)
    return f"list of {count}{items}s" if items else "list"


def _bounds(argument: Argument) -> str:
    parts = []
    if argument.minimum is not None:
        parts.append(f"at least {argument.minimum:g}")
    if argument.above is not None:
        parts.append(f"more than {argument.above:g}")
    if argument.maximum is not None:
        parts.append(f"at most {argument.maximum:g}")
    return f", {', '.join(parts)}" if parts else ""


def _either(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} or {parts[-1]}"


def _sample(argument: Argument) -> str:
    if argument.choices:
        return argument.choices[0]
    if "array" in argument.types and argument.types[0] == "array":
        return "[...]"
    if "integer" in argument.types:
        return "3" if "array" in argument.types else "32"
    if "number" in argument.types:
        return "0.5"
    return "..."


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH)
