"""`plugins`: the Python files that a spec names, found and read; run only by whoever trusts them.

Nothing here can run a file. The command line hands in what does (`TRUSTED`) when the user says
`--trust-plugins`; a spec with plugins is refused where nobody has.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from modelforge.catalog import Catalog, Word, load_catalog
from modelforge.document import Mapping, Node, Scalar, plain
from modelforge.findings import Finding, Findings, Related, Source, Span

KEY = "plugins"
OPTION = "--trust-plugins"
MOST = 32
NOT_TRUSTED = f"plugins run only when you say so on the command line: `{OPTION}`"
READ_IT_FIRST = "a plugin is Python and can do all that you can: read it first"
_WHY = "Error encountered: "


@dataclass(frozen=True)
class PluginFile:
    """A plugin as it was read. path: relative to the folder of the spec; named: where it is."""

    path: str
    source: Source
    content: bytes = field(repr=False)
    named: Span | None = None


# What runs plugins and gives their words; whatever a plugin has against that becomes a finding.
Runner = Callable[[Sequence[PluginFile], Catalog, Findings], Sequence[Word]]
TRUSTED: ContextVar[Runner | None] = ContextVar("TRUSTED", default=None)


@dataclass(frozen=True)
class Vocabulary:
    """The words that a spec may use: the catalog's, and those of its plugins."""

    catalog: Catalog = field(default_factory=load_catalog, repr=False)
    plugins: tuple[PluginFile, ...] = ()


def vocabulary_of(root: Mapping, findings: Findings) -> Vocabulary | None:
    """The words of a spec, its plugins run; None after a finding."""
    node = root.get(KEY)
    if node is None:
        return Vocabulary()
    before = len(findings.errors)
    files = _files(root, node, findings)
    runner = TRUSTED.get()
    if files and runner is None:
        findings.error(
            "plugins-not-trusted",
            NOT_TRUSTED,
            node.span.first_line(),
            notes=[READ_IT_FIRST],
        )
    if len(findings.errors) > before or runner is None:
        return None if files or len(findings.errors) > before else Vocabulary()
    vocabulary = run_files(files, runner, findings)
    return vocabulary if len(findings.errors) == before else None


def run_files(files: Sequence[PluginFile], runner: Runner, findings: Findings) -> Vocabulary:
    """The catalog with what the files bring."""
    catalog = load_catalog()
    words = runner(files, catalog, findings)
    return Vocabulary(catalog.extended(words), tuple(files))


def check_unchanged(root: Mapping, document: Mapping, findings: Findings) -> None:
    """Adds a finding where `--set` changes the plugins: they have been read by then."""
    given = root.get(KEY)
    if given is None or plain(given) == _plain(document.get(KEY)):
        return
    findings.error(
        "plugins-overridden",
        "`--set` cannot change the plugins of a spec",
        given.span,
        hint="write them in the spec, or in one that extends it",
    )


def read_plugin(name: str, findings: Findings, path: str, named: Span | None) -> PluginFile | None:
    """The file of this name; None after a finding."""
    from modelforge.document.files import read_bytes

    found = Findings()
    content = read_bytes(name, found)
    # What it notes besides speaks of specs.
    findings.extend(replace(finding, span=named, notes=()) for finding in found)
    if content is None:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.error("plugins", f"`{name}` is no UTF-8 text: {error.reason}", named)
        return None
    return PluginFile(path, Source(name, text), content, named)


def plugin_failed(error: BaseException, said: str, used: Span | None = None) -> Finding | None:
    """The finding at the line of a plugin where an error arose; None where it was no plugin's.

    said: the error in a sentence; used: the place of the spec that made the plugin run.
    """
    span = place_in_plugin(error)
    if span is None:
        return None
    return Finding(
        "plugin-failed",
        # Where Keras cannot tell a layer's shape, it says so at length before it says why.
        f"the plugin `{span.source.name}` fails: {said.rpartition(_WHY)[2]}",
        span,
        related=(Related(used, "it is used"),) if used else (),
    )


def place_in_plugin(error: BaseException) -> Span | None:
    """The line of the plugin that an error passed last; None where it passed none."""
    found: tuple[Source, int] | None = None
    trace = error.__traceback__
    while trace is not None:
        source = RUN.get(trace.tb_frame.f_code.co_filename)
        if source is not None:
            found = (source, trace.tb_lineno)
        trace = trace.tb_next
    return line_span(*found) if found else None


# The files that have been run, by the names that their frames bear.
RUN: dict[str, Source] = {}


def line_span(source: Source, number: int) -> Span:
    """A whole line without what it is indented by."""
    line = source.line(number)
    begin = len(line) - len(line.lstrip()) + 1
    return Span(source, number, begin, number, max(begin + 1, len(line.rstrip()) + 1))


def _files(root: Mapping, node: Node, findings: Findings) -> tuple[PluginFile, ...]:
    from modelforge.resolve.beneath import Folder, Refused, identity
    from modelforge.resolve.patch import texts

    folder = Folder(root.span.source.name)
    files: dict[str, PluginFile] = {}
    for path in list(texts(KEY, "a path or a list of paths", node, findings)):
        try:
            name = folder.find(str(path.value), path.span.source.name)
        except Refused as refused:
            _refuse(path, refused.reason, refused.hint, findings)
            continue
        if not name.endswith(".py"):
            _refuse(path, "is no Python file", "a plugin's name ends in `.py`", findings)
        elif identity(name) in files:
            _refuse(path, "is named twice", "leave one of them out", findings)
        elif len(files) == MOST:
            _refuse(path, f"is one too many: a spec has at most {MOST} plugins", "", findings)
            break
        else:
            relative = os.path.relpath(name, folder.shown or ".").replace(os.sep, "/")
            file = read_plugin(name, findings, relative, path.span)
            if file is not None:
                files[identity(name)] = file
    return tuple(files.values())


def _refuse(path: Scalar, reason: str, hint: str, findings: Findings) -> None:
    findings.error(
        KEY,
        f"`{path.value}` {reason}",
        path.span,
        hint=hint,
        notes=["`plugins` takes paths relative to its file, within the spec's folder"],
    )


def _plain(node: Node | None) -> object:
    return None if node is None else plain(node)
