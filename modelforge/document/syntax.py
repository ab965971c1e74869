"""Syntax errors of the YAML parser, said in a user's words and blamed on the likely cause."""

from __future__ import annotations

import re
from collections.abc import Callable

from modelforge.document.breakage import Breakage
from modelforge.findings import Finding, Findings, Related, Source, Span

_ENTRY_WITHOUT_SPACE = re.compile(r"[ \t]*(?:- +)*([A-Za-z_][\w.]*):(?=[^\s:/])")
_CLOSERS = {"[": "]", "{": "}"}

_BARE_ITEM = re.compile(r" *- +(?P<word>[A-Za-z_]\w*)\s*(#.*)?")


def report_syntax(error: Exception, source: Source, findings: Findings) -> None:
    """Adds the one finding that a parser's error becomes; the parser stops at its first."""
    broken = Breakage(error, source)
    for diagnosis in _DIAGNOSES:
        finding = diagnosis(broken)
        if finding is not None:
            findings.extend([finding])
            return
    findings.extend([_otherwise(broken)])


def _tab(broken: Breakage) -> Finding | None:
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


def _unclosed_quote(broken: Breakage) -> Finding | None:
    if "unexpected end of stream" not in broken.problem or broken.context_place is None:
        return None
    line, column = broken.context_place
    quote = broken.source.line(line)[column - 1 : column]
    return Finding(
        "unclosed-quote",
        f"this quote is never closed: there is no second `{quote}`",
        broken.span(line, column),
        notes=("everything after it was read as text",),
    )


def _bracket(broken: Breakage) -> Finding | None:
    if "',' or ']'" not in broken.problem and "',' or '}'" not in broken.problem:
        return None
    if broken.context_place is None:
        return None
    line, column = broken.context_place
    opener = "[" if "']'" in broken.problem else "{"
    closer, found = _CLOSERS[opener], broken.character
    opened = Related(broken.span(line, column), f"the `{opener}` is opened")
    if found == "{" and broken.line_text()[: broken.column - 1].endswith("$"):
        return _unquoted_expression(broken)
    if found and found in "]}":
        return Finding(
            "wrong-bracket",
            f"`{found}` cannot close `{opener}`",
            broken.span(),
            hint=f"expected `{closer}`",
            related=(opened,),
        )
    if broken.line != line and _leaves(broken, line):
        return Finding(
            "unclosed-bracket",
            f"the `{opener}` opened here is never closed",
            broken.span(line, column),
            hint=f"expected `{closer}` before line {broken.line}" if found else "",
        )
    return Finding(
        "missing-comma",
        f"expected `,` or `{closer}` here",
        broken.span(),
        hint="is a comma missing before it?",
        notes=('text that contains `: `, `,` or brackets stands in quotes: "..."',),
        related=() if broken.line == line else (opened,),
    )


def _leaves(broken: Breakage, opened_on: int) -> bool:
    """Whether the text at the error is no longer indented like a part of the bracket."""
    here, there = broken.line_text(), broken.source.line(opened_on)
    return _indentation(here) <= _indentation(there) or not here.strip()


def _unquoted_expression(broken: Breakage) -> Finding:
    line, start = broken.line_text(), broken.column - 2
    end = line.find("}", start) + 1 or len(line)
    written = line[start:end]
    return Finding(
        "unquoted-expression",
        "inside `{}` and `[]` an expression must stand in quotes",
        broken.span(broken.line, start + 1, end + 1),
        hint=f'write "{written}"',
    )


def _colon(broken: Breakage) -> Finding | None:
    if "mapping values are not allowed" not in broken.problem:
        return None
    before = broken.line_text()[: broken.column - 1]
    above = broken.text_above()
    glued = _glued(broken, above)
    if (
        glued is not None
        and above
        and _indentation(broken.line_text()) >= _indentation(broken.source.line(above))
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
    if above and _indentation(before) > _indentation(broken.source.line(above)):
        related = (Related(broken.whole_line(above), "the line above it has its value already"),)
        return Finding(
            "indentation",
            "this line is indented deeper than the line above it",
            broken.whole_line(broken.line),
            hint="indent it like the line above",
            related=related,
        )
    return Finding("syntax", "this colon is not expected here", broken.span())


def _no_colon(broken: Breakage) -> Finding | None:
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


def _block(broken: Breakage) -> Finding | None:
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
    if above and _indentation(broken.source.line(above)) == len(before):
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
    if bare is None or bare.start("word") != _indentation(broken.line_text()):
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


def _bad_start(broken: Breakage) -> Finding | None:
    if "cannot start any token" not in broken.problem:
        return None
    return Finding(
        "unquoted-text",
        f"text that begins with `{broken.character}` must stand in quotes",
        broken.rest_of_line(),
        hint=f'write "{broken.character}..."',
    )


def _no_content(broken: Breakage) -> Finding | None:
    if "node content" not in broken.problem:
        return None
    found = broken.character
    opened = broken.open_bracket()
    if not found and opened is not None:
        opener = opened.source.line(opened.line)[opened.column - 1]
        return Finding("unclosed-bracket", f"the `{opener}` opened here is never closed", opened)
    if found and found in "]}":
        opener = "[" if found == "]" else "{"
        message = f"`{found}` closes nothing: there is no `{opener}` before it"
    elif found == ",":
        message = "a comma with nothing before it"
    else:
        message = "a value is missing here"
    return Finding("missing-value", message, broken.span())


def _misplaced(broken: Breakage) -> Finding | None:
    if "sequence entries are not allowed" in broken.problem:
        message = "a list cannot begin on the line of its key"
        hint = "write `[a, b]`, or put `- ` on the next line"
    elif "mapping keys are not allowed" in broken.problem:
        message, hint = "`? ` cannot stand here", "put the text in quotes"
    else:
        return None
    return Finding("misplaced", message, broken.span(), hint=hint)


def _escape(broken: Breakage) -> Finding | None:
    if not any(word in broken.problem for word in ("escape", "hexdecimal", "hexadecimal", "chr()")):
        return None
    return Finding(
        "escape",
        "a backslash in double quotes begins an escape, and this is none",
        broken.backslash(),
        hint="write `\\\\` for a backslash, or use single quotes",
    )


def _anchor(broken: Breakage) -> Finding | None:
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


def _directive(broken: Breakage) -> Finding | None:
    in_directive = "directive" in broken.context or "directive" in broken.problem
    if not in_directive and "incompatible YAML" not in broken.problem:
        return None
    return Finding(
        "directive",
        "a line that begins with `%` is an instruction to the YAML parser, and it knows none such",
        broken.whole_line(broken.context_place[0] if broken.context_place else broken.line),
        hint="delete it, or put the text in quotes",
    )


def _tag(broken: Breakage) -> Finding | None:
    if "tag" not in broken.problem and "tag" not in broken.context:
        return None
    place = broken.context_place or (broken.line, broken.column)
    return Finding(
        "tag",
        "this tag is not allowed",
        broken.span(*place),
        notes=("text that begins with `!` stands in quotes",),
    )


def _after_end(broken: Breakage) -> Finding | None:
    if "document start" not in broken.problem:
        return None
    return Finding(
        "text-after-end",
        "text after the end of the spec",
        broken.rest_of_line(),
        notes=("the spec ends at `...`, or where its first value is complete",),
    )


def _block_text(broken: Breakage) -> Finding | None:
    if "block scalar" not in broken.context:
        return None
    return Finding(
        "block-text",
        "the text of `|` or `>` begins on the next line, indented",
        broken.rest_of_line(),
    )


def _otherwise(broken: Breakage) -> Finding:
    words = f"{broken.problem} {broken.context}".strip() or "the text cannot be read"
    return Finding("syntax", f"this is not YAML: {words}", broken.span())


_DIAGNOSES: tuple[Callable[[Breakage], Finding | None], ...] = (
    _tab,
    _unclosed_quote,
    _bracket,
    _colon,
    _no_colon,
    _block_text,
    _directive,
    _block,
    _bad_start,
    _no_content,
    _misplaced,
    _escape,
    _anchor,
    _tag,
    _after_end,
)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces"
