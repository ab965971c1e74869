"""The exceptions that end a command, each with its exit code; `cli` alone turns them into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from modelforge.findings.finding import Finding
from modelforge.findings.span import Related, Span


class ModelForgeError(Exception):
    """A command cannot go on; `findings` say why, in the order in which they are printed."""

    exit_code = 1

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(finding.message for finding in self.findings))


class Refused(ModelForgeError):
    """What was asked is wrong or cannot be done: the spec, the data, a model file."""


class Diverged(ModelForgeError):
    """Training produced a loss that is not a finite number."""

    exit_code = 4


class Lost(ModelForgeError):
    """A resource was lost (disk, memory, a worker); the run can be resumed."""

    exit_code = 5


class Stopped(ModelForgeError):
    """Stopped on request (Ctrl-C, SIGTERM) with everything saved; the run can be resumed."""

    exit_code = 75


def refuse(
    rule: str,
    message: str,
    span: Span | None = None,
    *,
    hint: str = "",
    notes: Iterable[str] = (),
    related: Iterable[Related] = (),
) -> Refused:
    """A Refused with a single finding, to be raised where nothing further can be found out."""
    return Refused([Finding(rule, message, span, "error", hint, tuple(notes), tuple(related))])
