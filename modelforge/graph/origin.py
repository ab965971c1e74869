"""Where a value of a spec came from: the file, and the ways that it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from modelforge.document import Mapping, Node, Plain, Scalar, parse, plain
from modelforge.findings import Findings, Source, Span
from modelforge.graph.load import Loaded
from modelforge.graph.written import names_a_value
from modelforge.resolve.overrides import NAME, override
from modelforge.resolve.paths import place_in, walk


@dataclass(frozen=True)
class Step:
    """A place that a value passed: how (`written`, `patch`, `extended` ...) and where."""

    how: str
    span: Span


@dataclass(frozen=True)
class Origin:
    """A value and the way that it took, beginning where it is written."""

    path: str
    value: Plain
    steps: tuple[Step, ...]


def origin(loaded: Loaded, path: str, findings: Findings) -> Origin | None:
    """The origin of what a path leads to; None, after a finding, where that is nowhere."""
    found: list[Node] = []

    def look(node: Node | None) -> Node | None:
        if node is not None:
            found.append(node)
        return node

    missing = Findings()
    place = place_in(Source("--origin", path))
    first_argument = loaded.catalog.first_argument
    walk(_root(loaded, path), path, look, place, missing, first_argument, new=False)
    note = "what is not written has its default: `modelforge show --resolved` prints them all"
    findings.extend(replace(finding, notes=(*finding.notes, note)) for finding in missing)
    if not found:
        return None
    return Origin(path, plain(found[0]), tuple(_steps(found[0])))


def _root(loaded: Loaded, path: str) -> Mapping:
    """The resolved spec; for a variable, which is gone from that, the spec before."""
    if path.split(".")[0].strip() != "vars":
        return loaded.root
    root, known = loaded.document, Findings()
    for text in loaded.overrides:
        root = override(root, text, known, loaded.catalog.first_argument)
    return root


def _steps(node: Node) -> Sequence[Step]:
    steps = [Step(_how(node.span), node.span)]
    origin = node.origin if isinstance(node, Scalar) else None
    if origin is not None and names_a_value(node.span):
        steps = [Step(_how(origin), origin), Step("used", node.span)]
    elif origin is not None:
        steps = [Step("computed", node.span), Step("from", origin)]
    extended: dict[Step, None] = {}
    for step in steps:
        source = step.span.source
        while source.extended is not None:
            extended[Step("extended", source.extended)] = None
            source = source.extended.source
    return [*steps, *extended]


def _how(span: Span) -> str:
    if span.source.name == NAME:
        return NAME
    # A text is read again rather than remembering for every value which key it stands under.
    document = parse(span.source, Findings())
    if document is None:
        return "written"
    for key in ("patch", "vars"):
        section = document.get(key)
        if section is not None and _within(span, section.span):
            return "variable" if key == "vars" else key
    return "written"


def _within(inner: Span, outer: Span) -> bool:
    begins = (outer.line, outer.column) <= (inner.line, inner.column)
    return begins and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
