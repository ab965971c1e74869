"""Findings on standard error, beside a command's result on standard output."""

from __future__ import annotations

import sys
from collections.abc import Collection

import click

from modelforge.cli.main import colored
from modelforge.findings import Finding, Findings
from modelforge.findings.text import render


def tell(findings: Findings | Collection[Finding]) -> None:
    """Prints findings for people; nothing where there are none."""
    if len(findings):
        click.echo(render(findings, color=colored(sys.stderr)), err=True, nl=False)


def tell_warnings(findings: Findings) -> None:
    """Stops on errors; prints the warnings."""
    findings.stop_on_errors()
    tell(findings.warnings)
