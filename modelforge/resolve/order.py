"""The order in which variables can be resolved: each after the ones that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from modelforge.document import Node
from modelforge.document.limits import MAX_REPORTED
from modelforge.findings import Findings, Related
from modelforge.resolve.mentions import mentions
from modelforge.resolve.scope import Scope


def ordered(scope: Scope, findings: Findings) -> list[str]:
    """The variables in that order; those in a circle are reported and left out."""
    graph = {name: sorted(set(_uses(entry.value, scope))) for name, entry in scope.declared.items()}
    circular: set[str] = set()
    for _ in range(MAX_REPORTED):
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            # graphlib names a circle against the direction in which the variables refer.
            circle = list(reversed(error.args[1]))
            _report(circle, scope, findings)
            circular.update(circle)
            graph.update({name: [] for name in circle})
            continue
        return [name for name in order if name not in circular]
    return []


def _uses(node: Node, scope: Scope) -> Iterator[str]:
    for name in mentions(node):
        variable = scope.mentioned(name)
        if variable is not None:
            yield variable


def _report(circle: list[str], scope: Scope, findings: Findings) -> None:
    declared = list(scope.declared)
    start = min(range(len(circle) - 1), key=lambda at: declared.index(circle[at]))
    members = circle[:-1][start:] + circle[:-1][:start]
    first = scope.declared[members[0]]
    chain = " -> ".join(f"`{name}`" for name in [*members, members[0]])
    itself = len(members) == 1
    findings.error(
        "variable-cycle",
        f"the variable {chain.split(' ')[0]} needs itself"
        if itself
        else f"variables need each other in a circle: {chain}",
        first.key_span,
        hint="give one of them a value of its own" if not itself else "give it a value",
        related=[
            Related(scope.declared[name].key_span, f"`{name}` is declared") for name in members[1:6]
        ],
    )
