"""The names that expressions can use: variables, the environment, facts of the data."""

from __future__ import annotations

import os
from collections.abc import Mapping as Facts
from itertools import islice

from modelforge.document import Entry, Mapping, Node, Plain, Problem, resolve_plain
from modelforge.findings import did_you_mean, listed
from modelforge.resolve.facts import FACTS, TARGET_FACTS, TARGETS
from modelforge.resolve.functions import FUNCTIONS
from modelforge.resolve.syntax import Name
from modelforge.resolve.values import MAX_LENGTH, ExpressionError

COUNTER = "i"  # the number of a round, in items with `repeat` or `for`
MOST_COMPARED = 1_000  # names; the search for the nearest one takes its time


class Scope:
    """Knows which names there are, and the values of those that are not variables.

    opened: whether `facts` are all that there are; else the others are not known yet. A fact that
    is None is one that the data does not have.
    """

    def __init__(
        self, declared: Mapping | None, facts: Facts[str, Plain] | None, opened: bool = True
    ) -> None:
        self.declared: dict[str, Entry] = dict(declared.entries) if declared else {}
        self.used: set[str] = set()
        self.local: Facts[str, Node] = {}  # of a block or a loop; they hide variables
        self._facts = facts or {}
        self._opened = opened and facts is not None

    def variable(self, name: Name) -> str | None:
        """The variable that a name speaks of, or None for `env.` and `data.`; checks that it is."""
        parts = name.name.split(".")
        if parts[0] in ("env", "data"):
            self._check(parts, name)
            return None
        variable = self.mentioned(name)
        if variable is None:
            raise self._unknown(name, parts[parts[0] == "vars" :][0])
        self.used.add(variable)
        return variable

    def mentioned(self, name: Name) -> str | None:
        """The declared variable of a name, or None."""
        variable = name.name.removeprefix("vars.").split(".")[0]
        return variable if variable in self.declared else None

    def outside(self, name: Name) -> Plain:
        """The value of an `env.` or a `data.` name."""
        if name.name.startswith("env."):
            return self._environment(name)
        key = name.name.removeprefix("data.")
        if self._facts.get(key) is None:
            known = [fact for fact, value in self._facts.items() if value is not None]
            raise ExpressionError(
                f"this data has no `{key}`",
                name.start,
                name.end,
                notes=_of_targets(key, known, self._facts.get(TARGETS)),
            )
        return self._facts[key]

    def waits(self, name: Name) -> bool:
        """Whether a name is a fact of data that has not been opened yet."""
        if self._opened or not name.name.startswith("data."):
            return False
        key = name.name.removeprefix("data.")
        named = self._facts.get(TARGETS)
        if key.startswith(f"{TARGETS}.") and isinstance(named, list):
            return key not in self._facts and key.rpartition(".")[0][len(TARGETS) + 1 :] in named
        return key not in self._facts

    def _environment(self, name: Name) -> Plain:
        key = name.name.removeprefix("env.")
        text = os.environ[key]
        value = resolve_plain(text) if len(text) <= MAX_LENGTH else None
        if isinstance(value, Problem) or len(text) > MAX_LENGTH:
            message = value.message if isinstance(value, Problem) else "its value is too long"
            raise ExpressionError(
                f"the environment variable `{key}`: {message}", name.start, name.end
            )
        return value

    def _check(self, parts: list[str], name: Name) -> None:
        key = ".".join(parts[1:])
        if parts[0] == "data" and key not in FACTS and not _of_target(parts[1:]):
            raise _no_fact(name, parts[1:])
        if parts[0] == "env" and key not in os.environ:
            raise ExpressionError(
                f"the environment variable `{key}` is not set",
                name.start,
                name.end,
                hint=did_you_mean(key, os.environ),
                rule="environment",
            )

    def _unknown(self, name: Name, variable: str) -> ExpressionError:
        here = [*self.local, *islice(self.declared, MOST_COMPARED)]
        hint = did_you_mean(variable, here)
        if not hint and variable in FACTS:
            hint = f"did you mean `data.{variable}`?"
        if not hint and variable in FUNCTIONS:
            hint = f"`{variable}` is a function: write `{variable}(...)`"
        if not hint and variable == COUNTER:
            hint = "`i` counts the rounds of an item with `repeat` or `for`, and is known there"
        known = f"variables: {listed(here)}" if here else "the spec has no `vars`"
        return ExpressionError(
            f"there is no variable `{variable}`",
            name.start,
            name.end,
            hint=hint,
            rule="unknown-variable",
            notes=(known,),
        )


def _of_target(parts: list[str]) -> bool:
    """Whether `targets.NAME.classes` asks for what a target can tell."""
    return len(parts) > 2 and parts[0] == TARGETS and parts[-1] in TARGET_FACTS


def _no_fact(name: Name, parts: list[str]) -> ExpressionError:
    """The error for a fact that no data has; of a target with a name, what that could tell."""
    what, known = "the data", [*FACTS]
    if parts[0] == TARGETS:
        whose = ".".join(parts[1:-1] or parts[1:]) or "NAME"
        what, known = "a target", [f"{TARGETS}.{whose}.{fact}" for fact in TARGET_FACTS]
    return ExpressionError(
        f"`{name.name}` is no fact of the data",
        name.start,
        name.end,
        hint=did_you_mean(".".join(parts), known).replace("`", "`data.", 1),
        rule="unknown-fact",
        notes=(f"facts of {what}: {', '.join(f'data.{fact}' for fact in known)}",),
    )


def _of_targets(key: str, known: list[str], named: Plain) -> tuple[str, ...]:
    """Where several targets tell what was asked for, by name, or which targets there are."""
    fact = key.rpartition(".")[2]
    told = [it for it in known if it.startswith(f"{TARGETS}.") and it.endswith(f".{fact}")]
    if told:
        return (f"its targets tell: {listed(f'data.{it}' for it in told)}",)
    return (f"its targets: {listed(map(str, named))}",) if isinstance(named, list) else ()


def descend(node: Node, name: Name) -> Node:
    """The part of a variable that a dotted name speaks of (`optimizer.rate`)."""
    parts = name.name.removeprefix("vars.").split(".")
    for depth, key in enumerate(parts[1:], start=1):
        child = node.get(key) if isinstance(node, Mapping) else None
        if child is None:
            keys = list(node.entries) if isinstance(node, Mapping) else []
            raise ExpressionError(
                f"`{'.'.join(parts[:depth])}` has no `{key}`",
                name.start,
                name.end,
                hint=did_you_mean(key, keys),
                rule="unknown-variable",
            )
        node = child
    return node
