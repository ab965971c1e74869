"""What plugins registered with Keras, as words: described as Keras's own, annotations heard."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from modelforge.catalog import LAYER_KINDS, Argument, Catalog, Kind, Word
from modelforge.findings import Findings, Related, Span
from modelforge.graph.plugins import PluginFile, line_span
from modelforge.introspect.annotations import annotated, annotations_of
from modelforge.introspect.describe import word_of
from modelforge.introspect.docstrings import arguments_of
from modelforge.introspect.executed import Executed, execute
from modelforge.introspect.names import NAMESPACES, Named, Namespace
from modelforge.introspect.signatures import Parameter, parameters_of
from modelforge.schema.forms import with_article

# Classes of these kinds become words; the others configure Keras rather than a model.
_KINDS = tuple(n for n in NAMESPACES if n.kind not in ("quantization", "dtype_policy"))


# The base classes whose `get_config` only raises NotImplementedError.
_CONFIGURE_NOTHING = (
    keras.regularizers.Regularizer,
    keras.optimizers.schedules.LearningRateSchedule,
)


@dataclass(frozen=True)
class Plugged:
    """A word of a plugin, the class or function that it stands for, and where that is written."""

    word: Word
    thing: Any
    span: Span


def describe_plugins(
    files: Sequence[PluginFile], catalog: Catalog, findings: Findings
) -> list[Plugged]:
    """The words of all files; whatever cannot be one is told."""
    plugged: list[Plugged] = []
    for file in files:
        executed = execute(file, findings)
        if executed is None:
            continue
        found = list(_words(executed, catalog, findings))
        if not executed.registered:
            findings.error(
                "plugin-empty",
                f"the plugin `{file.source.name}` registers nothing",
                file.named,
                notes=["`@keras.saving.register_keras_serializable()` makes a class a word"],
            )
        for each in found:
            if _is_free(each, plugged, catalog, findings):
                plugged.append(each)
    return plugged


def _words(executed: Executed, catalog: Catalog, findings: Findings) -> Iterator[Plugged]:
    for thing in executed.registered.values():
        span = _span(thing, executed.file)
        for namespace in _namespaces(thing):
            before = len(findings.errors)
            _check(thing, namespace, span, findings)
            word = _described(thing, namespace, catalog, span, findings)
            if word is not None and len(findings.errors) == before:
                module = executed.module.__name__.rpartition("_")[0]  # without the checksum
                summary = word.summary or f"From the plugin {executed.file.path}."
                yield Plugged(replace(word, module=module, summary=summary), thing, span)


def _namespaces(thing: Any) -> list[Namespace]:
    """What it is a word of: its base class tells, and a function's arguments do."""
    if inspect.isclass(thing):
        found = [n for n in _KINDS if n.base is not None and issubclass(thing, n.base)]
        return found[:1]
    return [n for n in _KINDS if n.kind in _function_kinds(thing)] if callable(thing) else []


def _function_kinds(function: Any) -> tuple[Kind, ...]:
    """A function of true and predicted values is a loss and a metric, one of a tensor an
    activation; it takes no further argument that a spec would have to give.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return ()
    needed = [p for p in parameters if p.default is p.empty and p.kind not in (2, 4)]
    if [p.name for p in parameters[:2]] == ["y_true", "y_pred"]:
        return ("loss", "metric") if len(needed) == 2 else ()
    return ("activation",) if len(needed) == 1 else ()


def _described(
    thing: Any, namespace: Namespace, catalog: Catalog, span: Span, findings: Findings
) -> Word | None:
    named = Named(thing, thing.__name__, ())
    try:
        if not inspect.isclass(thing):
            return replace(word_of(named, namespace, {}), arguments=(), refused="")
        word = word_of(named, namespace, arguments_of(thing))
        parameters = parameters_of(thing)
    except (TypeError, ValueError, OSError, SyntaxError) as error:
        findings.error(
            "plugin-word",
            f"the arguments of `{thing.__name__}` cannot be read: {error}",
            span,
            notes=["its `__init__` must be a plain function with named arguments"],
        )
        return None
    arguments = tuple(
        _argument(argument, parameter, namespace, catalog)
        for argument, parameter in zip(word.arguments, parameters, strict=True)
    )
    return replace(word, arguments=arguments, merges=word.merges or _takes_list(thing, namespace))


def _argument(
    argument: Argument, parameter: Parameter, namespace: Namespace, catalog: Catalog
) -> Argument:
    """What Keras's own documentation says of an inherited argument; else what is annotated."""
    base = catalog.find(parameter.owner.__name__, namespace.kind)
    known = base.argument(argument.name) if base else None
    if known is not None and parameter.owner.__module__.startswith("keras."):
        return replace(
            known,
            required=argument.required,
            default=argument.default,
            keyword_only=argument.keyword_only,
        )
    hints = annotations_of(vars(parameter.owner)["__init__"])
    return annotated(argument, hints[argument.name]) if argument.name in hints else argument


def _takes_list(thing: Any, namespace: Namespace) -> bool:
    """Whether the first argument of a layer's call is annotated as a list."""
    if namespace.kind != "layer":
        return False
    names = list(inspect.signature(thing.call).parameters)[1:2]
    hint = annotations_of(thing.call).get(names[0]) if names else None
    return getattr(hint, "__origin__", hint) in (list, tuple, Sequence)


def _check(thing: Any, namespace: Namespace, span: Span, findings: Findings) -> None:
    name = thing.__name__
    if namespace.kind == "layer" and not name[0].isupper():
        findings.error(
            "plugin-word",
            f"the layer `{name}` must begin with a capital letter",
            span,
            notes=["words with small letters are blocks, and ModelForge's own keys"],
        )
    if inspect.isclass(thing) and namespace.kind == "layer" and not _has_call(thing):
        findings.error("plugin-word", f"the layer `{name}` has no `call`", span)
    if inspect.isclass(thing) and namespace.kind != "layer" and _loses_arguments(thing):
        findings.error(
            "plugin-word",
            f"`{name}` has no `get_config` that returns its arguments",
            span,
            notes=["without it, a model that was saved with it cannot be loaded"],
        )


def _has_call(thing: Any) -> bool:
    return thing.call is not keras.layers.Layer.call


def _loses_arguments(thing: type) -> bool:
    """Whether the constructor takes more than the class whose `get_config` it inherits.

    Layers are spared the question: Keras records what they are made with.
    """
    owner = next(cls for cls in thing.__mro__ if "get_config" in vars(cls))
    if owner in _CONFIGURE_NOTHING:
        return True
    own = thing.__mro__[: thing.__mro__.index(owner)]
    names = {
        name
        for cls in own
        if inspect.isfunction(init := vars(cls).get("__init__"))
        for name, parameter in inspect.signature(init).parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    } - {"self"}
    return bool(names - {parameter.name for parameter in parameters_of(owner)})


def _is_free(each: Plugged, plugged: list[Plugged], catalog: Catalog, findings: Findings) -> bool:
    """Whether nobody else's word bears the name."""
    word = each.word
    kinds = LAYER_KINDS if word.kind == "layer" else (word.kind,)
    kind = word.kind.replace("_", " ")
    taken = catalog.find(word.name, *kinds)
    if taken is not None:
        whose = "ModelForge's" if taken.module == "modelforge" else "Keras's"
        findings.error(
            "plugin-word",
            f"`{word.name}` is {with_article(kind)} already, {whose} own",
            each.span,
            hint="give the class another name",
        )
        return False
    for other in plugged:
        if (other.word.kind, other.word.name) == (word.kind, word.name):
            findings.error(
                "plugin-word",
                f"two plugins define the {kind} `{word.name}`",
                each.span,
                hint="give one of them another name",
                related=[Related(other.span, "the other")],
            )
            return False
    return True


def _span(thing: Any, file: PluginFile) -> Span:
    """The line that defines it."""
    keyword = "class" if inspect.isclass(thing) else "def"
    for number, line in enumerate(file.source.lines, start=1):
        if line.lstrip().startswith(
            (f"{keyword} {thing.__name__}(", f"{keyword} {thing.__name__}:")
        ):
            return line_span(file.source, number)
    return line_span(file.source, 1)
