"""`extends`, `without` and `patch`: several files become one spec whose values know their file."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from modelforge.document import Mapping, Node, Scalar, read_document
from modelforge.document.limits import MAX_CHAIN, MAX_EXTENDED, MAX_EXTENDED_BYTES
from modelforge.findings import Findings, Source, Span, listed
from modelforge.findings.size import size_text
from modelforge.resolve.beneath import Folder, Refused, identity
from modelforge.resolve.inheritance import INHERITING
from modelforge.resolve.merge import Place, merged
from modelforge.resolve.patch import drop, patch, texts
from modelforge.resolve.paths import FirstArgument


class Inherited(NamedTuple):
    """The spec with everything that it inherits, and the texts that it extends.

    root is None where one of those cannot be had: what it says would be missed everywhere.
    """

    root: Mapping | None
    extended: tuple[Source, ...]


def inherit(
    document: Mapping,
    findings: Findings,
    place: Callable[[], Place],
    first_argument: FirstArgument,
) -> Inherited:
    """The spec that a document and all that it extends are together, without the three keys."""
    source = document.span.source
    heir = _Heir(Folder(source.name), findings, place, first_argument)
    try:
        root = heir.whole(document, (_File(source.name, document.span),))
    except _TooMuch:
        root = None
    return Inherited(root, tuple({source.name: source for source in heir.sources}.values()))


@dataclass(frozen=True)
class _File:
    """A file on the way from the spec to a base, and where it is named."""

    name: str
    named: Span

    @property
    def identity(self) -> str:
        """The same for two names of one file."""
        return self.name if self.name == "<stdin>" else identity(self.name)


class _TooMuch(Exception):
    """A bound is exceeded and reported."""


class _Heir:
    """Reads what specs extend, and merges it."""

    def __init__(
        self,
        folder: Folder,
        findings: Findings,
        place: Callable[[], Place],
        first_argument: FirstArgument,
    ) -> None:
        self.sources: list[Source] = []
        self._folder = folder
        self._findings = findings
        self._place = place
        self._first_argument = first_argument
        self._used = 0
        self._bytes = 0

    def whole(self, own: Mapping, chain: tuple[_File, ...]) -> Mapping | None:
        """A document with all that it inherits; None where a part of that is missing.

        chain: the files that lead to the document, its own last.
        """
        inherited: Mapping | None = Mapping({}, own.span)
        extends, without, patches = map(own.get, INHERITING)
        if extends is not None:
            inherited = self._inherited(extends, chain)
        if inherited is None:
            return None
        if without is not None:
            inherited = drop(inherited, without, self._findings, self._first_argument)
        root = Mapping({e.key: e for e in own if e.key not in INHERITING}, own.span)
        root = self._merged(inherited, root) if inherited.entries else root
        if patches is not None:
            root = patch(root, patches, self._findings, self._first_argument)
        return root

    def _inherited(self, extends: Node, chain: tuple[_File, ...]) -> Mapping | None:
        """All bases, a later one laid over an earlier one; None where one is missing."""
        before = len(self._findings.errors)
        together = Mapping({}, extends.span)
        for path in texts("extends", "a path or a list of paths", extends, self._findings):
            base = self._base(path, chain)
            if base is not None:
                together = self._merged(together, base) if together.entries else base
        return together if len(self._findings.errors) == before else None

    def _merged(self, base: Mapping, over: Mapping) -> Mapping:
        root = merged(base, over, self._place())
        assert isinstance(root, Mapping)
        return root

    def _base(self, path: Scalar, chain: tuple[_File, ...]) -> Mapping | None:
        """What a path in `extends` leads to, with what that inherits; None after a finding."""
        text = str(path.value)
        try:
            name = self._folder.find(text, chain[-1].name)
        except Refused as refused:
            self._findings.error(
                "extends",
                f"`{text}` {refused.reason}",
                path.span,
                hint=refused.hint,
                notes=["`extends` takes paths relative to its file, within the spec's folder"],
            )
            return None
        file = _File(name, path.span)
        if self._in_circle(file, chain):
            return None
        self._count(file, chain)
        document = self._read(file)
        return self.whole(document, (*chain, file)) if document is not None else None

    def _read(self, file: _File) -> Mapping | None:
        found = Findings()
        document = read_document(file.name, found, file.named)
        # A file that cannot be opened has no text to blame: the one who names it is to blame.
        self._findings.extend(
            replace(finding, span=finding.span or file.named) for finding in found
        )
        if document is None:
            return None
        source = document.span.source
        self.sources.append(source)
        self._bytes += len(source.text)
        if self._bytes > MAX_EXTENDED_BYTES:
            size = size_text(MAX_EXTENDED_BYTES)
            self._refuse(f"the files that the spec extends have more than {size} together", file)
        return document

    def _in_circle(self, file: _File, chain: tuple[_File, ...]) -> bool:
        known = [earlier.identity for earlier in chain]
        if file.identity not in known:
            return False
        circle = [*chain[known.index(file.identity) :], file]
        names = " -> ".join(f"`{os.path.normpath(member.name)}`" for member in circle)
        itself = len(circle) == 2
        self._findings.error(
            "extends-cycle",
            "the spec extends itself" if itself else f"specs extend each other: {names}",
            file.named,
            hint="delete it",
        )
        return True

    def _count(self, file: _File, chain: tuple[_File, ...]) -> None:
        self._used += 1
        if self._used > MAX_EXTENDED:
            self._refuse(f"the spec extends more than {MAX_EXTENDED} files", file)
        if len(chain) > MAX_CHAIN:
            names = [os.path.normpath(member.name) for member in (*chain, file)]
            self._refuse(
                f"more than {MAX_CHAIN} specs extend each other in a row", file, listed(names)
            )

    def _refuse(self, message: str, file: _File, note: str = "") -> None:
        self._findings.error(
            "extends-too-much", message, file.named, notes=[f"the row: {note}"] if note else []
        )
        raise _TooMuch
