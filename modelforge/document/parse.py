"""The front doors: a file, a text or a single value becomes nodes, its trouble becomes findings."""

from __future__ import annotations

from modelforge.document.characters import decode, visible
from modelforge.document.compose import Composer
from modelforge.document.files import read_bytes
from modelforge.document.limits import MAX_BYTES
from modelforge.document.nodes import Mapping, Node, Scalar
from modelforge.findings import Findings, Source, Span


def read_document(path: str, findings: Findings, extended: Span | None = None) -> Mapping | None:
    """The spec in a file, or on standard input for `-`; None where there is none to work with.

    extended: where another spec says that it extends this file.
    """
    content = read_bytes(path, findings)
    if content is None:
        return None
    source = decode("<stdin>" if path == "-" else path, content, findings)
    if source is None:
        return None
    return parse(Source(source.name, source.text, extended), findings)


def parse(source: Source, findings: Findings) -> Mapping | None:
    """The mapping that a text is; None where there is none to work with.

    After an error a mapping may still be returned, without what was wrong: good for finding
    more, not for use.
    """
    source = _without_mark(source)
    if len(source.text) > MAX_BYTES:
        findings.error(
            "file-too-large",
            f"`{source.name}` is larger than {MAX_BYTES // 1024} KiB",
            Span(source, 1, 1, 1, 1),
        )
        return None
    composer = Composer(source, visible(source, findings), findings)
    if not composer.compose():
        return None
    if isinstance(composer.root, Mapping):
        return composer.root
    _no_mapping(source, composer.root, findings)
    return None


def parse_value(source: Source, start: int, findings: Findings) -> Node | None:
    """The value that begins at an offset of a text of one line (`--set key=value`).

    Nodes have their places in the whole text. An empty rest is null, as in YAML.
    """
    text = visible(source, findings)
    composer = Composer(source, " " * start + text[start:], findings)
    if not composer.compose():
        return None
    if composer.root is None:
        end = len(text) + 1
        return Scalar(None, Span(source, 1, end, 1, end))
    return composer.root


def _without_mark(source: Source) -> Source:
    if source.text.startswith("\ufeff"):
        return Source(source.name, source.text.removeprefix("\ufeff"), source.extended)
    return source


def _no_mapping(source: Source, root: Node | None, findings: Findings) -> None:
    note = "a spec is a mapping with the keys `modelforge: 1`, `data`, `model`, `train`"
    if root is None or (isinstance(root, Scalar) and root.value is None):
        findings.error("empty-spec", "the spec is empty", Span(source, 1, 1, 1, 1), notes=[note])
        return
    from modelforge.document.layout import missing_space

    glued = missing_space(source, root.span.line) if isinstance(root, Scalar) else None
    if glued is not None:
        findings.extend([glued])
        return
    kind = "a single value" if isinstance(root, Scalar) else "a list"
    findings.error("not-a-mapping", f"the spec is {kind}", root.span.first_line(), notes=[note])
