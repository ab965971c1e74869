"""The whole way from a file to a checked spec and its graph, without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelforge.catalog import Catalog, load_catalog
from modelforge.document import Mapping as Document
from modelforge.document import read_document
from modelforge.findings import Findings, Source
from modelforge.graph.foresee import check_fit, foresee
from modelforge.graph.given import Given
from modelforge.graph.graph import Graph
from modelforge.graph.look import look
from modelforge.graph.plugins import KEY, Vocabulary, check_unchanged, vocabulary_of
from modelforge.graph.shapes.known import Known
from modelforge.graph.targets import check_targets
from modelforge.graph.wire import wire
from modelforge.resolve import contains_waiting, fill, resolve
from modelforge.resolve.inheritance import INHERITING
from modelforge.schema import check
from modelforge.spec import Spec, read_spec

if TYPE_CHECKING:
    from modelforge.expand import Expansion


@dataclass(frozen=True)
class Loaded:
    """A spec that is in the language and can be wired, and what it was made from.

    root is resolved: without variables, except those over `data.*` that are not known yet.
    document is the text that was given, merged with the texts that it extends (`extended`).
    known: shapes and parameters of the graph's nodes, as far as they can be told.
    allow_large: whether the model may be larger than the budget.
    vocabulary: the words that the spec may use, and the plugins that bring some of them.
    """

    spec: Spec
    graph: Graph
    root: Document
    document: Document = field(repr=False)
    overrides: tuple[str, ...] = ()
    extended: tuple[Source, ...] = field(repr=False, default=())
    known: Mapping[str, Known] = field(repr=False, default_factory=dict)
    allow_large: bool = False
    vocabulary: Vocabulary = field(repr=False, default_factory=Vocabulary)

    @property
    def catalog(self) -> Catalog:
        """The words that the spec may use."""
        return self.vocabulary.catalog

    @property
    def source(self) -> Source:
        """The text that the user wrote."""
        return self.document.span.source


def load(
    path: str, overrides: Sequence[str], findings: Findings, *, allow_large: bool = False
) -> Loaded | None:
    """Reads, resolves, checks and wires a spec; None where there are errors in `findings`.

    allow_large: whether a model may be larger than the budget.
    """
    document = read_document(path, findings)
    if document is None:
        return None
    inherited = Findings()
    whole, extended = with_inherited(document, inherited)
    vocabulary = vocabulary_of(whole, findings) if whole else None
    if vocabulary and vocabulary.plugins and extended:
        # How two specs merge depends on what is a word in them.
        inherited = Findings()
        whole, extended = with_inherited(document, inherited, vocabulary.catalog)
    findings.extend(inherited)
    if whole is None or vocabulary is None:
        return None
    loaded = understand(whole, overrides, findings, vocabulary=vocabulary, allow_large=allow_large)
    return replace(loaded, extended=extended) if loaded else None


def with_inherited(
    document: Document, findings: Findings, catalog: Catalog | None = None
) -> tuple[Document | None, tuple[Source, ...]]:
    """The document merged with what it extends, and those texts; None where one is missing."""
    if document.entries.keys().isdisjoint(INHERITING):
        return document, ()
    # A spec that stands alone is spared the import.
    from modelforge.resolve.inherit import inherit
    from modelforge.schema.places import spec_place

    words = catalog or load_catalog()
    place = cache(lambda: spec_place(words))
    inherited = inherit(document, findings, place, words.first_argument)
    return inherited.root, inherited.extended


def settle(loaded: Loaded, data: Given, findings: Findings) -> Loaded | None:
    """The same spec with every `${data...}` filled in, checked again; `data` has been opened."""
    settled = understand(
        loaded.document,
        loaded.overrides,
        findings,
        data,
        vocabulary=loaded.vocabulary,
        allow_large=loaded.allow_large,
    )
    return replace(settled, extended=loaded.extended) if settled else None


def understand(
    document: Document,
    overrides: Sequence[str],
    findings: Findings,
    data: Given | None = None,
    *,
    vocabulary: Vocabulary | None = None,
    allow_large: bool = False,
) -> Loaded | None:
    """What `load` does after reading; data: what it gives, where it has been opened."""
    vocabulary = vocabulary or Vocabulary()
    catalog = vocabulary.catalog
    facts = data.facts if data else None
    root = _resolved(document, overrides, findings, facts, catalog)
    if KEY in root.entries:
        check_unchanged(root, document, findings)
    spec = _checked(root, catalog, findings)
    if spec is not None and data is None:
        data = look(spec.data, _folder(document))
        if contains_waiting(root):
            filled = fill(root, data.facts)
            if filled is None:  # a fact cannot be used as it is: where, only the text tells
                filled = _resolved(document, overrides, findings, data.facts, catalog, opened=False)
            root, spec = filled, _checked(filled, catalog, findings)
    graph = wire_spec(spec, catalog, findings) if spec else None
    later, known = Findings(), {}
    if graph is not None and spec is not None:
        data = data or Given()
        known = foresee(graph, spec, data, findings, allow_large=allow_large)
        check_fit(graph, spec, data, known, later)
    if len(findings) or len(later):
        from modelforge.graph.written import blame_later, blame_written

        blame_written(root, findings)
        blame_later(root, later)
        findings.extend(later)
    if spec is None or graph is None or findings.errors:
        return None
    return Loaded(
        replace(spec, plugins=tuple(file.path for file in vocabulary.plugins)),
        graph,
        root,
        document,
        tuple(overrides),
        known=known,
        allow_large=allow_large,
        vocabulary=vocabulary,
    )


def _resolved(
    document: Document,
    overrides: Sequence[str],
    findings: Findings,
    facts: Mapping[str, Any] | None,
    catalog: Catalog,
    *,
    opened: bool = True,
) -> Document:
    """The document without variables, blocks and loops."""
    expansion = _expansion(document, overrides, catalog, findings)
    first = catalog.first_argument
    root = resolve(document, overrides, findings, facts, first, expansion, opened)
    for aside in expansion.aside if expansion else ():
        check(aside, catalog, findings)
    return root


def _folder(document: Document) -> Path:
    """The folder that relative paths start from."""
    return Path(document.span.source.name).parent


def _checked(root: Document, catalog: Catalog, findings: Findings) -> Spec | None:
    # What could not be read or resolved is no obstacle: it passes the schema, so that everything
    # else that is wrong is found at once.
    if not check(root, catalog, findings) or findings.errors:
        return None
    return read_spec(root, catalog)


def _expansion(
    document: Document, overrides: Sequence[str], catalog: Catalog, findings: Findings
) -> Expansion | None:
    """What makes plain layers of the spec's blocks and loops; None where it can have none."""
    from modelforge.expand import Expansion, is_composed

    # An override may bring them in; a patch that is left over speaks of a layer by its path name.
    wanted = overrides or "patch" in document.entries or is_composed(document)
    return Expansion(catalog, findings) if wanted else None


def wire_spec(spec: Spec, catalog: Catalog, findings: Findings) -> Graph | None:
    """The graph of a spec's model, with its losses and metrics held against its outputs."""
    before = len(findings.errors)
    graph = wire(spec.model, catalog, findings)
    if graph and spec.train:
        for phase in spec.train.parts:
            check_targets(graph, phase.train, findings)
    return graph if len(findings.errors) == before else None
