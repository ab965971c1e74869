"""The whole way from a file to a checked spec and its graph, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modelforge.catalog import Catalog, load_catalog
from modelforge.document import Mapping as Document
from modelforge.document import read_document
from modelforge.findings import Findings, Source
from modelforge.graph.graph import Graph
from modelforge.graph.targets import check_targets
from modelforge.graph.wire import wire
from modelforge.resolve import resolve
from modelforge.schema import check
from modelforge.spec import Spec, read_spec

if TYPE_CHECKING:
    from modelforge.expand import Expansion


@dataclass(frozen=True)
class Loaded:
    """A spec that is in the language and can be wired, and what it was made from.

    root is resolved: without variables, except those over `data.*` while the data is unknown.
    """

    spec: Spec
    graph: Graph
    root: Document
    document: Document = field(repr=False)
    overrides: tuple[str, ...] = ()

    @property
    def source(self) -> Source:
        """The text that the user wrote."""
        return self.document.span.source


def load(
    path: str,
    overrides: Sequence[str],
    findings: Findings,
    facts: Mapping[str, Any] | None = None,
) -> Loaded | None:
    """Reads, resolves, checks and wires a spec; None where there are errors in `findings`."""
    document = read_document(path, findings)
    return understand(document, overrides, findings, facts) if document else None


def settle(loaded: Loaded, facts: Mapping[str, Any], findings: Findings) -> Loaded | None:
    """The same spec with every `${data...}` filled in, checked again."""
    return understand(loaded.document, loaded.overrides, findings, facts)


def understand(
    document: Document,
    overrides: Sequence[str],
    findings: Findings,
    facts: Mapping[str, Any] | None = None,
) -> Loaded | None:
    """What `load` does after reading."""
    catalog = load_catalog()
    expansion = _expansion(document, overrides, catalog, findings)
    root = resolve(document, overrides, findings, facts, catalog.first_argument, expansion)
    for aside in expansion.aside if expansion else ():
        check(aside, catalog, findings)
    # What could not be read or resolved is no obstacle: it passes the schema, so that everything
    # else that is wrong is found at once.
    if not check(root, catalog, findings) or findings.errors:
        return None
    spec = read_spec(root, catalog)
    graph = wire_spec(spec, catalog, findings)
    return Loaded(spec, graph, root, document, tuple(overrides)) if graph else None


def _expansion(
    document: Document, overrides: Sequence[str], catalog: Catalog, findings: Findings
) -> Expansion | None:
    """What makes plain layers of the spec's blocks and loops; None where it can have none."""
    from modelforge.expand import Expansion, is_composed

    # An override may bring them in.
    return Expansion(catalog, findings) if overrides or is_composed(document) else None


def wire_spec(spec: Spec, catalog: Catalog, findings: Findings) -> Graph | None:
    """The graph of a spec's model, held against its losses and metrics too."""
    before = len(findings.errors)
    graph = wire(spec.model, catalog, findings)
    if graph and spec.train:
        check_targets(graph, spec.train, findings)
    return graph if len(findings.errors) == before else None
