"""A resolved spec whose `${data...}` are filled in with the facts that are known already."""

from __future__ import annotations

from collections.abc import Mapping as Facts
from dataclasses import replace

from modelforge.document import Mapping, Node, Plain, Scalar
from modelforge.findings import Findings
from modelforge.resolve.resolver import Resolver
from modelforge.resolve.scope import Scope
from modelforge.resolve.waiting import Waiting


def fill(root: Mapping, facts: Facts[str, Plain]) -> Mapping | None:
    """The spec with these facts; what needs others still waits. None where one cannot be used.

    It has been resolved without facts before: doing it again from its text costs far more, but
    only that can say where in the text the trouble is.
    """
    findings = Findings()
    filled = _Filler(Scope(None, facts, opened=False), findings).node(root)
    return filled if isinstance(filled, Mapping) and not findings.errors else None


class _Filler(Resolver):
    def node(self, node: Node) -> Node:
        """The node with what waits in it computed."""
        if not isinstance(node, Scalar):
            return super().node(node)
        if not isinstance(node, Waiting):
            return node  # its text may have a `${` that was written as `$${`
        found = self._scalar(node)
        return replace(found, origin=node.origin) if isinstance(found, Scalar) else found
