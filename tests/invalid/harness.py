"""Reads an invalid spec's marks, runs the spec, and says where the two differ.

A mark blames the line on which it stands: `units: 0  # <- error[out-of-range] @5` (severity, rule,
and the column where it matters). Where no comment can stand, `<name>.expect` holds lines
`line:column error[rule]`, or `- error[rule]` for a finding without a place; for a finding in a
file that the spec extends, that file stands before the line (`files/base.yaml:3:5`). A comment line
`# set: path=value` adds an override, which can be marked itself; `# env: NAME=value` sets a
variable of the environment. `<name>.out` is the whole text that a user reads.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelforge.findings import Finding, Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import load

FOLDER = Path(__file__).parent
UPDATE = "MODELFORGE_UPDATE"

_MARK = re.compile(r"(error|warning)\[([a-z0-9-]+)\](?: @(\d+))?")
_MARKED = re.compile(r"\s*# <- (?P<marks>.*)$")
_EXPECTED = re.compile(
    r"(?:(?:(?P<file>[^:]+):)?(?P<line>\d+):(?P<column>\d+)|-) "
    r"(?P<severity>\w+)\[(?P<rule>[\w-]+)\]"
)
_SETTING = re.compile(r"# (set|env): (.*)$")


@dataclass(frozen=True, order=True)
class Place:
    """Where a finding is expected: in the file (`where` empty) or in an override."""

    where: str
    line: int
    severity: str
    rule: str
    column: int | None = None

    def __str__(self) -> str:
        where = self.where or "line"
        column = "" if self.column is None else f":{self.column}"
        return f"{where} {self.line}{column} {self.severity}[{self.rule}]"

    def accepts(self, finding: Finding, path: str) -> bool:
        """Whether this finding is the expected one."""
        if (finding.severity, finding.rule) != (self.severity, self.rule):
            return False
        span = finding.span
        if span is None:
            return self.line == 0
        source = span.source
        where = source.text if source.name == "--set" else source.name
        if source.name == path:
            where = ""
        return (where, span.line) == (self.where, self.line) and self.column in (None, span.column)


@dataclass(frozen=True)
class Case:
    """An invalid spec with what it must be blamed for."""

    path: str
    overrides: tuple[str, ...]
    environment: dict[str, str]
    expected: tuple[Place, ...]

    @property
    def area(self) -> str:
        """The folder: what sort of trouble it is about."""
        return self.path.split("/")[0]


def cases() -> list[str]:
    """Every invalid spec, as a path below this folder."""
    return sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.yaml"))


def read_case(path: str) -> Case:
    """The marks of a spec."""
    text = (FOLDER / path).read_bytes().decode("utf-8", errors="replace")
    overrides: list[str] = []
    environment: dict[str, str] = {}
    expected: list[Place] = []
    for number, line in enumerate(text.splitlines(), start=1):
        marked = _MARKED.search(line)
        setting = _SETTING.match(line[: marked.start()] if marked else line)
        if setting and setting.group(1) == "set":
            overrides.append(setting.group(2))
        elif setting:
            name, _, value = setting.group(2).partition("=")
            environment[name] = value
        where, at = (setting.group(2), 1) if setting else ("", number)
        for severity, rule, column in _MARK.findall(marked.group("marks") if marked else ""):
            expected.append(Place(where, at, severity, rule, int(column) if column else None))
    return Case(path, tuple(overrides), environment, (*expected, *_sidecar(path)))


def _sidecar(path: str) -> list[Place]:
    sidecar = (FOLDER / path).with_suffix(".expect")
    if not sidecar.exists():
        return []
    places = []
    for line in sidecar.read_text(encoding="utf-8").splitlines():
        match = _EXPECTED.fullmatch(line)
        assert match, f"{sidecar.name}: {line!r} is not `line:column severity[rule]`"
        column = int(match["column"]) if match["column"] else None
        where = f"{path.split('/')[0]}/{match['file']}" if match["file"] else ""
        line_number = int(match["line"] or 0)
        places.append(Place(where, line_number, match["severity"], match["rule"], column))
    return places


# Like `load`: a path, overrides, and the findings to add to.
Stage = Callable[[str, Sequence[str], Findings], object]


def run(case: Case, stages: dict[str, Stage]) -> list[Finding]:
    """What ModelForge finds; `stages` names, by area, what goes further than `load`."""
    findings = Findings()
    try:
        stages.get(case.area, load)(case.path, case.overrides, findings)
    except Refused as refused:
        findings.extend(refused.findings)
    return list(findings)


def differences(case: Case, found: list[Finding]) -> list[str]:
    """What was expected and not found, and what was found and not expected."""
    missing = sorted(case.expected)
    extra = []
    for finding in found:
        place = next((place for place in missing if place.accepts(finding, case.path)), None)
        if place is None:
            extra.append(finding)
        else:
            missing.remove(place)
    return [f"not found: {place}" for place in missing] + [
        f"not expected: {render([finding])}" for finding in extra
    ]


def compare_text(case: Case, found: list[Finding]) -> tuple[str, str] | None:
    """The rendered text and the recorded one, where one is recorded; records it on request."""
    recorded = (FOLDER / case.path).with_suffix(".out")
    if not recorded.exists():
        return None
    text = render(found)
    if os.environ.get(UPDATE):
        recorded.write_text(text, encoding="utf-8")
    return text, recorded.read_text(encoding="utf-8")
