"""The installed Keras as words: names, arguments, documentation, and what the overlay adds."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import keras

from modelforge.catalog.overlay import added_words, apply
from modelforge.catalog.word import Argument, Word
from modelforge.introspect.calls import TRAINING, call_of
from modelforge.introspect.docstrings import arguments_of, documentation_of
from modelforge.introspect.infer import argument_of
from modelforge.introspect.names import NAMESPACES, Named, Namespace, objects_of
from modelforge.introspect.operations import operations
from modelforge.introspect.signatures import parameters_of

_CODE = re.compile(r"^```.*?^```\s*|^>>> .*?(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^.*(Examples?|Usage|usage).*:\s*$\n*", re.MULTILINE)

Texts = Mapping[str, str]


def describe_keras() -> tuple[Word, ...]:
    """Every word of the installed Keras, by kind and name."""
    found = [apply(word) for namespace in NAMESPACES for word in _words(namespace)]
    found += [replace(word, documentation=_prose(word.documentation)) for word in operations()]
    return tuple(sorted([*found, *added_words()], key=lambda word: (word.kind, word.name)))


def keras_version() -> str:
    """The version of the Keras that `describe_keras` describes."""
    return str(keras.__version__)


def _words(namespace: Namespace) -> list[Word]:
    found = list(objects_of(namespace))
    texts = [arguments_of(named.thing) for named in found]
    common = _common(texts)
    return [
        word_of(named, namespace, {**common, **own})
        for named, own in zip(found, texts, strict=True)
    ]


def _common(texts: Iterable[Texts]) -> dict[str, str]:
    """What most words of a kind say of an argument, for those that take it and say nothing."""
    counts: dict[str, Counter[str]] = {}
    for own in texts:
        for name, text in own.items():
            counts.setdefault(name, Counter())[text] += 1
    most = {name: counted.most_common(1)[0] for name, counted in counts.items()}
    return {
        name: text for name, (text, n) in most.items() if n > 2 and 2 * n > counts[name].total()
    }


def word_of(named: Named, namespace: Namespace, texts: Texts) -> Word:
    """The word for an object; texts: what is said about its arguments."""
    documentation = documentation_of(named.thing)
    arguments = _arguments(named, namespace, texts)
    word = Word(
        name=named.name,
        kind=namespace.kind,
        module=f"keras.{namespace.path}",
        aliases=named.aliases,
        arguments=arguments,
        summary=documentation.summary,
        documentation=_prose(documentation.text),
        refused=_refused(arguments),
    )
    if namespace.kind == "layer":
        call = call_of(named.thing, documentation)
        word = replace(word, calls=call.tensors, options=call.options, merges=call.merges)
    elif namespace.kind == "application":
        word = replace(word, options=(TRAINING,))
    return word


def _arguments(named: Named, namespace: Namespace, texts: Texts) -> tuple[Argument, ...]:
    parameters = parameters_of(named.thing)
    if namespace.kind == "activation":
        parameters = parameters[1:]  # the first one is the tensor
    return tuple(argument_of(p, texts.get(p.name, ""), named.name) for p in parameters)


def _refused(arguments: tuple[Argument, ...]) -> str:
    """A word whose essential arguments cannot be written down cannot be used at all."""
    for argument in arguments:
        if argument.required and argument.unsayable:
            return f"its argument `{argument.name}` cannot be written: {argument.unsayable}"
    own = [argument for argument in arguments if not argument.keyword_only]
    if own and all(argument.unsayable for argument in own):
        return f"none of its arguments can be written: {own[0].unsayable}"
    return ""


def _prose(text: str) -> str:
    """The text without Python examples, which are of no use in a spec."""
    text = _HEADING.sub("", _CODE.sub("", text))
    return re.sub(r"\n{3,}", "\n\n", inspect.cleandoc(text)).strip()
