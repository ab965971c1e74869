"""Plugins are run, and `make` learns to build what they bring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from modelforge.build.objects import register
from modelforge.catalog import Catalog, Word
from modelforge.findings import Findings
from modelforge.graph.plugins import PluginFile
from modelforge.introspect.plugins import describe_plugins


def run_plugins(files: Sequence[PluginFile], catalog: Catalog, findings: Findings) -> list[Word]:
    """Runs the files, which somebody trusts, and gives their words."""
    plugged = describe_plugins(files, catalog, findings)
    for each in plugged:
        register(each.word.kind, each.word.name, _maker(each.word, each.thing))
    return [each.word for each in plugged]


def _maker(word: Word, thing: Any) -> Callable[..., Any]:
    if not inspect.isclass(thing):
        return lambda: thing
    floats = {a.name for a in word.arguments if isinstance(a.default, float)}

    def made(**arguments: Any) -> Any:
        for name in floats & arguments.keys():
            if type(arguments[name]) is int:
                arguments[name] = float(arguments[name])
        return thing(**arguments)

    return made
