"""Brackets and quotes of a broken document that do not fit together."""

from __future__ import annotations

from modelforge.document.breakage import Breakage
from modelforge.document.layout import indentation
from modelforge.findings import Finding, Related

_CLOSERS = {"[": "]", "{": "}"}


def unclosed_quote(broken: Breakage) -> Finding | None:
    """A quote that is never closed."""
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


def bracket(broken: Breakage) -> Finding | None:
    """A bracket that is not closed, closed by another, or lacks a comma."""
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
    return indentation(here) <= indentation(there) or not here.strip()


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


def no_content(broken: Breakage) -> Finding | None:
    """A comma or a closing bracket with nothing before it."""
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
