"""`modelforge explain NAME`: the documentation of a word in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modelforge.cli.options import json_option, plugins_option, trust_option

if TYPE_CHECKING:
    from modelforge.catalog import Argument, Catalog, Word


@click.command("explain")
@click.argument("name")
@plugins_option
@trust_option
@json_option
def command(name: str, plugins: tuple[str, ...], as_json: bool) -> None:
    """Explain a word: what it is, its arguments, and how to write it.

    NAME is a layer, loss, metric, optimizer, schedule, callback, data source or any other word,
    under any of its names; `Dense.units` explains one argument. It may be a key of the spec, too:
    `checkpoint`, `train.checkpoint`.
    """
    from modelforge.cli import explanation
    from modelforge.cli.plugged import catalog_with

    catalog = catalog_with(plugins)
    word_name, argument = name, ""
    words = find_words(catalog, name)
    if not words:  # names of operations hold dots themselves
        word_name, _, argument = name.rpartition(".")
        words = find_words(catalog, word_name)
    if not words:
        click.echo(_of_keys(catalog, name, word_name, as_json))
        return
    if argument:
        words = [word for word in words if word.argument(argument)] or _no_argument(words, argument)
    if as_json:
        click.echo(explanation.as_json(words, argument))
        return
    click.echo("\n\n".join(explanation.as_text(word, argument) for word in words))


def find_words(catalog: Catalog, name: str) -> list[Word]:
    """The words of this name, of every kind; a canonical name goes before an alias."""
    found = [word for kind in catalog.kinds if (word := catalog.find(name, kind))]
    exact = [word for word in found if word.name == name]
    return exact + [word for word in found if word.name != name]


def _of_keys(catalog: Catalog, name: str, word_name: str, as_json: bool) -> str:
    """What is told of a key of the spec; refused where there is none of the name either."""
    from modelforge.cli import explain_keys
    from modelforge.findings import did_you_mean, refuse
    from modelforge.schema.keys import keys_of

    keys = keys_of(catalog)
    found = explain_keys.find_keys(keys, name)
    if not found:
        candidates = [known for kind in catalog.kinds for known in catalog.names(kind)]
        candidates = explain_keys.names_of(keys) + candidates
        raise refuse(
            "unknown-word",
            f"there is no word `{name}`",
            hint=did_you_mean(name, candidates) or did_you_mean(word_name, candidates),
            notes=("`modelforge schema` writes down all words and keys",),
        )
    if as_json:
        return explain_keys.as_json(found)
    return "\n\n".join(explain_keys.as_text(key, keys, catalog) for key in found)


def _no_argument(words: list[Word], name: str) -> Any:
    from modelforge.findings import did_you_mean, listed, refuse

    arguments: list[Argument] = [argument for word in words for argument in word.arguments]
    names = list(dict.fromkeys(argument.name for argument in arguments))
    raise refuse(
        "unknown-argument",
        f"`{words[0].name}` has no argument `{name}`",
        hint=did_you_mean(name, names),
        notes=(f"arguments of `{words[0].name}`: {listed(names)}",),
    )
