"""Bytes become text: UTF-8 only, and no characters that a reader cannot see."""

from __future__ import annotations

import codecs
import re
import unicodedata

from modelforge.document.limits import MAX_REPORTED
from modelforge.findings import Findings, Source, Span

# The signs at the start of a file that other encodings leave; the longer ones come first.
_FOREIGN_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters; tab and line ends are seen
    "\u00ad\u200b\u2060\ufeff"  # of no width
    "\u2028\u2029"  # line ends for some programs and not for others
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of the text
    "\ud800-\udfff\ufffe\uffff]"  # not characters at all
)
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NAMES = {"\x00": "NUL", "\x1b": "ESCAPE", "\x85": "NEXT LINE", "\x08": "BACKSPACE"}


def decode(name: str, content: bytes, findings: Findings) -> Source | None:
    """The text of a file, without a byte order mark; None after a finding."""
    for mark, encoding in _FOREIGN_MARKS.items():
        if content.startswith(mark):
            _wrong_encoding(Source(name, ""), findings, f"the file is saved in {encoding}")
            return None
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return Source(name, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        _not_utf8(name, content, error.start, findings)
        return None


def visible(source: Source, findings: Findings) -> str:
    """The text with unseen characters replaced, each of them (up to a number) a finding.

    The text keeps its length, so that what is found in it later has its right place.
    """
    text = source.text
    if _UNSEEN.search(text) is None:
        return text
    for number, match in enumerate(_UNSEEN.finditer(text)):
        if number == MAX_REPORTED:
            break
        _report(source, match.start(), findings)
    return _UNSEEN.sub("\ufffd", text)


def unseen(text: str) -> str | None:
    """The first character of a text that a reader cannot see, in words, or None."""
    found = _UNSEEN.search(text)
    return describe(found.group()) if found else None


def describe(character: str) -> str:
    """`U+202E RIGHT-TO-LEFT OVERRIDE`."""
    name = _NAMES.get(character) or unicodedata.name(character, "")
    return f"U+{ord(character):04X} {name}".rstrip()


def _report(source: Source, offset: int, findings: Findings) -> None:
    character = source.text[offset]
    before = source.text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    line, column = before.count("\n") + 1, offset - _line_start(source.text, offset) + 1
    sort = "turns the direction of the text" if character in _TURNING else "cannot be seen"
    findings.error(
        "unseen-character",
        f"the character {describe(character)} {sort}",
        Span(source, line, column, line, column + 1),
        hint="delete it",
        notes=["a spec holds visible characters only, in quoted text too"],
    )


def _line_start(text: str, offset: int) -> int:
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _not_utf8(name: str, content: bytes, offset: int, findings: Findings) -> None:
    before = Source(name, content[:offset].decode("utf-8"))
    line, column = len(before.lines), len(before.lines[-1]) + 1
    if b"\x00" in content[:200]:
        _wrong_encoding(Source(name, ""), findings, "the file is not text (it contains NUL bytes)")
        return
    source = Source(name, content.decode("utf-8", errors="replace"))
    byte = content[offset]
    likely = bytes([byte]).decode("cp1252", errors="ignore")
    guess = f"in Windows-1252 or Latin-1 it would be `{likely}`" if likely.isprintable() else ""
    _wrong_encoding(
        source,
        findings,
        f"the byte 0x{byte:02X} is not UTF-8",
        Span(source, line, column, line, column + 1),
        guess if likely else "",
    )


def _wrong_encoding(
    source: Source, findings: Findings, message: str, span: Span | None = None, hint: str = ""
) -> None:
    findings.error(
        "not-utf8",
        message,
        span or Span(source, 1, 1, 1, 1),
        hint=hint,
        notes=["specs are UTF-8: save the file in your editor with the encoding UTF-8"],
    )
