"""Characters that mean something to YAML, where a user meant text or nothing."""

from __future__ import annotations

from modelforge.document.breakage import Breakage
from modelforge.findings import Finding


def bad_start(broken: Breakage) -> Finding | None:
    """Text that begins with a character of YAML's own."""
    if "cannot start any token" not in broken.problem:
        return None
    return Finding(
        "unquoted-text",
        f"text that begins with `{broken.character}` must stand in quotes",
        broken.rest_of_line(),
        hint=f'write "{broken.character}..."',
    )


def misplaced(broken: Breakage) -> Finding | None:
    """A list or a key mark that cannot begin here."""
    if "sequence entries are not allowed" in broken.problem:
        message = "a list cannot begin on the line of its key"
        hint = "write `[a, b]`, or put `- ` on the next line"
    elif "mapping keys are not allowed" in broken.problem:
        message, hint = "`? ` cannot stand here", "put the text in quotes"
    else:
        return None
    return Finding("misplaced", message, broken.span(), hint=hint)


def escape(broken: Breakage) -> Finding | None:
    """A backslash that begins no escape."""
    if not any(word in broken.problem for word in ("escape", "hexdecimal", "hexadecimal", "chr()")):
        return None
    return Finding(
        "escape",
        "a backslash in double quotes begins an escape, and this is none",
        broken.backslash(),
        hint="write `\\\\` for a backslash, or use single quotes",
    )


def anchor(broken: Breakage) -> Finding | None:
    """An `&` or `*` without a name."""
    if "alphabetic or numeric" not in broken.problem or broken.context_place is None:
        return None
    line, column = broken.context_place
    mark = broken.source.line(line)[column - 1 : column]
    sort = "alias" if mark == "*" else "anchor"
    return Finding(
        "unquoted-text",
        f"`{mark}` begins an {sort} in YAML, and no name follows it",
        broken.span(line, column),
        hint="if it is meant as text, put it in quotes",
    )


def directive(broken: Breakage) -> Finding | None:
    """A line that begins with `%`."""
    in_directive = "directive" in broken.context or "directive" in broken.problem
    if not in_directive and "incompatible YAML" not in broken.problem:
        return None
    return Finding(
        "directive",
        "a line that begins with `%` is an instruction to the YAML parser, and it knows none such",
        broken.whole_line(broken.context_place[0] if broken.context_place else broken.line),
        hint="delete it, or put the text in quotes",
    )


def tag(broken: Breakage) -> Finding | None:
    """A tag, which no spec may have."""
    if "tag" not in broken.problem and "tag" not in broken.context:
        return None
    place = broken.context_place or (broken.line, broken.column)
    return Finding(
        "tag",
        "this tag is not allowed",
        broken.span(*place),
        notes=("text that begins with `!` stands in quotes",),
    )


def after_end(broken: Breakage) -> Finding | None:
    """Text after the end of the document."""
    if "document start" not in broken.problem:
        return None
    return Finding(
        "text-after-end",
        "text after the end of the spec",
        broken.rest_of_line(),
        notes=("the spec ends at `...`, or where its first value is complete",),
    )


def block_text(broken: Breakage) -> Finding | None:
    """The text of `|` or `>` on the line of the mark."""
    if "block scalar" not in broken.context:
        return None
    return Finding(
        "block-text",
        "the text of `|` or `>` begins on the next line, indented",
        broken.rest_of_line(),
    )
