"""`without` drops what a spec inherits, `patch` replaces single values: paths, as in `--set`."""

from __future__ import annotations

from collections.abc import Iterator

from modelforge.document import Broken, Entry, Mapping, Node, Scalar, Sequence
from modelforge.findings import Findings, Span
from modelforge.resolve.later import Wanted, put
from modelforge.resolve.paths import FirstArgument, Place, walk


def drop(
    root: Mapping, without: Node, findings: Findings, first_argument: FirstArgument
) -> Mapping:
    """The spec without what the paths of `without` lead to."""
    for path in texts("without", "a path or a list of paths", without, findings):
        place = _place_in(path.span, str(path.value))
        text = str(path.value)
        root = walk(root, text, lambda _: None, place, findings, first_argument, new=False)
    return root


def patch(
    root: Mapping, patches: Node, findings: Findings, first_argument: FirstArgument
) -> Mapping:
    """The spec with the values of `patch`, one after the other.

    Those that may lead to layers still to be made stay under `patch` for `take_left`.
    """
    if isinstance(patches, Broken):
        return root
    if not isinstance(patches, Mapping):
        findings.error(
            "wrong-type",
            "`patch` must be a mapping of paths to values",
            patches.span,
            hint="write `train.epochs: 3`",
        )
        return root
    later: list[Wanted] = []
    for entry in patches:
        wanted = Wanted(entry.key, entry.value, _place_in(entry.key_span, entry.key))
        root = put(root, wanted, findings, first_argument, later)
    left = {wanted.path: patches.entries[wanted.path] for wanted in later}
    return _with_left(root, left, patches.span) if left else root


def take_left(root: Mapping) -> tuple[Mapping, list[Wanted]]:
    """The spec without the patches that wait for its layers to be made, and these."""
    left = root.get("patch")
    if not isinstance(left, Mapping):
        return root, []
    rest = Mapping({k: e for k, e in root.entries.items() if k != "patch"}, root.span)
    return rest, [Wanted(e.key, e.value, _place_in(e.key_span, e.key)) for e in left]


def _with_left(root: Mapping, left: dict[str, Entry], span: Span) -> Mapping:
    """The spec with its patches of layers still to be made, after those that it inherits."""
    earlier = root.get("patch")
    inherited = earlier.entries if isinstance(earlier, Mapping) else {}
    # One that is given again counts from its new place on.
    merged = {**{k: e for k, e in inherited.items() if k not in left}, **left}
    return Mapping(
        {**root.entries, "patch": Entry("patch", span, Mapping(merged, span))}, root.span
    )


def texts(key: str, expected: str, node: Node, findings: Findings) -> Iterator[Scalar]:
    """The texts that a key holds: a single one, or a list; all else becomes a finding."""
    items = node.items if isinstance(node, Sequence) else [node]
    for item in items:
        if isinstance(item, Broken):
            continue
        if isinstance(item, Scalar) and isinstance(item.value, str):
            yield item
        else:
            findings.error("wrong-type", f"`{key}` takes {expected}", item.span.first_line())


def _place_in(span: Span, path: str) -> Place:
    """Offsets in a path as it stands in the file; the whole of it where it is written otherwise."""
    line = span.source.line(span.line)
    start = line.find(path, span.column - 1)
    if start < 0 or span.line != span.end_line or start > span.column:
        return lambda _first, _last: span
    return lambda first, last: span._replace(
        column=start + first + 1, end_column=start + max(last, first + 1) + 1
    )
