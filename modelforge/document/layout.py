"""What is wrong with the lines of a broken document: indentation, colons, lists among keys."""

from __future__ import annotations

import re

from modelforge.document.breakage import Breakage
from modelforge.findings import Finding, Related, Source, Span

_ENTRY_WITHOUT_SPACE = re.compile(r"[ \t]*(?:- +)*([A-Za-z_][\w.]*):(?=[^\s:/])")
_BARE_ITEM = re.compile(r" *- +(?P<word>[A-Za-z_]\w*)\s*(#.*)?")


def tab(broken: Breakage) -> Finding | None:
    """A tab where spaces have to be."""
    line = broken.line_text()
    indentation = line[: len(line) - len(line.lstrip())]
    at_tab = broken.character == "\t" and "token" in broken.problem
    if not at_tab and "\t" not in indentation:
        return None
    column = indentation.find("\t") + 1 or broken.column
    return Finding(
        "tab",
        "a tab is used for indentation",
        broken.span(broken.line, column),
        hint="replace it by spaces",
        notes=("YAML indents with spaces only; most editors can convert the whole file",),
    )


def colon(broken: Breakage) -> Finding | None:
    """A colon where none can be: two on a line, or a line that is indented wrongly."""
    if "mapping values are not allowed" not in broken.problem:
        return None
    before = broken.line_text()[: broken.column - 1]
    above = broken.text_above()
    glued = _glued(broken, above)
    if (
        glued is not None
        and above
        and indentation(broken.line_text()) >= indentation(broken.source.line(above))
    ):
        return glued
    if re.search(r":[ \t]", before):
        return Finding(
            "second-colon",
            "a second `: ` on the same line",
            broken.span(),
            hint="put the value in quotes, or the inner key on a line of its own",
        )
    if (bare := _bare_word(broken)) is not None:
        return bare
    if above and indentation(before) > indentation(broken.source.line(above)):
        related = (Related(broken.whole_line(above), "the line above it has its value already"),)
        return Finding(
            "indentation",
            "this line is indented deeper than the line above it",
            broken.whole_line(broken.line),
            hint="indent it like the line above",
            related=related,
        )
    return Finding("syntax", "this colon is not expected here", broken.span())


def no_colon(broken: Breakage) -> Finding | None:
    """A key that has no colon."""
    if "expected ':'" not in broken.problem or broken.context_place is None:
        return None
    line, _ = broken.context_place
    return _glued(broken, line) or Finding(
        "missing-colon",
        "a key without a colon",
        broken.whole_line(line),
        hint="write `key: value`",
    )


def _glued(broken: Breakage, line: int) -> Finding | None:
    return missing_space(broken.source, line)


def missing_space(source: Source, line: int) -> Finding | None:
    """`units:64`, which YAML reads as one text; None where the line does not begin so."""
    match = _ENTRY_WITHOUT_SPACE.match(source.line(line))
    if match is None:
        return None
    name = match.group(1)
    rest = match.string[match.end() :].split(" #")[0].rstrip()
    return Finding(
        "missing-space",
        f"a space is missing after the colon of `{name}`",
        Span(source, line, match.end(), line, match.end() + 1),
        hint=f"write `{name}: {rest}`" if len(rest) <= 30 else f"write `{name}: ` and the value",
    )


def block(broken: Breakage) -> Finding | None:
    """A line that fits no level above it, or text after the end of a value."""
    if not any(
        words in broken.problem
        for words in ("expected key", "expected '-'", "expected <block end>")
    ):
        return None
    before = broken.line_text()[: broken.column - 1]
    if before.strip(" -"):
        closed = before.rstrip()[-1]
        sort = {"]": "list", "}": "mapping"}.get(closed, "quoted text")
        return Finding(
            "text-after-value",
            f"unexpected text after the end of this {sort}",
            broken.rest_of_line(),
            notes=_quote_notes(closed),
        )
    above = broken.text_above()
    if above and indentation(broken.source.line(above)) == len(before):
        glued = _glued(broken, above)
        if glued is not None:
            return glued
    levels = broken.levels_above()
    if len(before) not in levels:
        return Finding(
            "indentation",
            f"this line is indented by {_spaces(len(before))}, which fits no line above it",
            broken.whole_line(broken.line),
            hint=f"indent it by {_nearest(len(before), levels)}",
        )
    return _item_or_key(broken)


def _nearest(indentation: int, levels: list[int]) -> str:
    """The levels on both sides of an indentation, in words."""
    less = [level for level in levels if level < indentation][-1:]
    more = [level for level in levels if level > indentation][:1]
    return " or ".join(map(str, [*less, *more]))


def _quote_notes(closed: str) -> tuple[str, ...]:
    if closed not in "'\"":
        return ()
    inside = "`''`" if closed == "'" else '`\\"`'
    return (f"inside such a text this quote is written {inside}",)


def _bare_word(broken: Breakage) -> Finding | None:
    """`- Flatten` with keys below it: the commonest slip of this language."""
    above = broken.text_above()
    bare = _BARE_ITEM.fullmatch(broken.source.line(above)) if above else None
    if bare is None or bare.start("word") != indentation(broken.line_text()):
        return None
    word = bare["word"]
    return Finding(
        "bare-word",
        f"a key stands beside `{word}`, which has no colon",
        broken.span(above, bare.start("word") + 1, bare.end("word") + 1),
        hint=f"write `{word}:`",
    )


def _item_or_key(broken: Breakage) -> Finding:
    if (bare := _bare_word(broken)) is not None:
        return bare
    if broken.character == "-":
        return Finding(
            "item-among-keys",
            "a list item stands among the keys of a mapping",
            broken.whole_line(broken.line),
            notes=("a list stands below a key of its own: `layers:`, then lines with `- `",),
        )
    return Finding(
        "key-among-items",
        "a list was going on here, but this line does not begin with `- `",
        broken.whole_line(broken.line),
        hint="begin it with `- `, or indent it differently",
    )


def indentation(line: str) -> int:
    """By how many spaces a line is indented."""
    return len(line) - len(line.lstrip(" "))


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces"
