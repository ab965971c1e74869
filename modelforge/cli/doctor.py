"""`modelforge doctor`: what is installed, what is missing, and how to mend it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click

from modelforge.cli.check import BROKEN, FINE, Check
from modelforge.cli.checkup import examine
from modelforge.cli.options import json_option

MARKS = {FINE: ("ok", "green"), "hint": ("hint", "yellow"), BROKEN: ("broken", "red")}


@click.command("doctor")
@json_option
def command(as_json: bool) -> int:
    """Say what is installed, what is missing, and how to mend it; exit 1 if something is broken."""
    checks = examine()
    broken = [check for check in checks if check.state == BROKEN]
    if as_json:
        click.echo(
            json.dumps({"schema_version": 1, "checks": [c.as_dict() for c in checks]}, indent=2)
        )
    else:
        _print(checks)
        verdict = f"{len(broken)} broken" if broken else "everything that is needed is there"
        click.echo(verdict, err=True)
    return 1 if broken else 0


def _print(checks: Sequence[Check]) -> None:
    from modelforge.cli.main import colored

    color = colored(sys.stdout)
    width = max(len(check.name) for check in checks)
    for check in checks:
        word, style = MARKS[check.state]
        mark = click.style(f"{word:<6}", fg=style) if color else f"{word:<6}"
        click.echo(f"{mark}  {check.name:<{width}}  {check.found}")
        for line in check.mend:
            click.echo(f"{'':{width + 10}}{line}")
