"""The whole way from a file to a checked spec and its graph, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
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

INHERITING = frozenset({"extends", "without", "patch"})


@dataclass(frozen=True)
class Loaded:
    """A spec that is in the language and can be wired, and what it was made from.

    root is resolved: without variables, except those over `data.*` while the data is unknown.
    document is the text that was given, merged with the texts that it extends (`extended`).
    """

    spec: Spec
    graph: Graph
    root: Document
    document: Document = field(repr=False)
    overrides: tuple[str, ...] = ()
    extended: tuple[Source, ...] = field(repr=False, default=())

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
    if document is None:
        return None
    whole, extended = with_inherited(document, findings)
    loaded = understand(whole, overrides, findings, facts) if whole else None
    return replace(loaded, extended=extended) if loaded else None


def with_inherited(
    document: Document, findings: Findings
) -> tuple[Document | None, tuple[Source, ...]]:
    """The document merged with what it extends, and those texts; None where one is missing."""
    if not document.entries.keys() & INHERITING:
        return document, ()
    # A spec that stands alone is spared the import.
    from modelforge.resolve.inherit import inherit
    from modelforge.schema.places import spec_place

    catalog = load_catalog()
    place = cache(lambda: spec_place(catalog))
    inherited = inherit(document, findings, place, catalog.first_argument)
    return inherited.root, inherited.extended


def settle(loaded: Loaded, facts: Mapping[str, Any], findings: Findings) -> Loaded | None:
    """The same spec with every `${data...}` filled in, checked again."""
    settled = understand(loaded.document, loaded.overrides, findings, facts)
    return replace(settled, extended=loaded.extended) if settled else None


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
    spec, graph = _checked(root, catalog, findings)
    if len(findings):
        from modelforge.graph.written import blame_written

        blame_written(root, findings)
    if spec is None or graph is None:
        return None
    return Loaded(spec, graph, root, document, tuple(overrides))


def _checked(
    root: Document, catalog: Catalog, findings: Findings
) -> tuple[Spec | None, Graph | None]:
    # What could not be read or resolved is no obstacle: it passes the schema, so that everything
    # else that is wrong is found at once.
    if not check(root, catalog, findings) or findings.errors:
        return None, None
    spec = read_spec(root, catalog)
    return spec, wire_spec(spec, catalog, findings)


def _expansion(
    document: Document, overrides: Sequence[str], catalog: Catalog, findings: Findings
) -> Expansion | None:
    """What makes plain layers of the spec's blocks and loops; None where it can have none."""
    from modelforge.expand import Expansion, is_composed

    # An override may bring them in; a patch that is left over speaks of a layer by its path name.
    wanted = overrides or "patch" in document.entries or is_composed(document)
    return Expansion(catalog, findings) if wanted else None


def wire_spec(spec: Spec, catalog: Catalog, findings: Findings) -> Graph | None:
    """The graph of a spec's model, its losses and metrics held against it, its shapes followed."""
    before = len(findings.errors)
    graph = wire(spec.model, catalog, findings)
    if graph and spec.train:
        check_targets(graph, spec.train, findings)
    if graph and graph.inputs is not None:
        # Imported here: a spec whose inputs come from the data has no shapes to follow yet.
        from modelforge.graph.shapes import infer

        infer(graph, None, findings)
    return graph if len(findings.errors) == before else None
