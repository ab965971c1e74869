"""`modelforge validate`: everything that can be found wrong with specs, all at once."""

from __future__ import annotations

import sys

import click

from modelforge.cli.options import json_option, large_option, set_option, trust_option
from modelforge.findings import Findings


@click.command("validate")
@click.argument("specs", nargs=-1, required=True, type=click.Path(allow_dash=True))
@set_option
@trust_option
@large_option
@json_option
def command(
    specs: tuple[str, ...], overrides: tuple[str, ...], allow_large: bool, as_json: bool
) -> int:
    """Check specs without importing TensorFlow; exit 1 if one of them has an error."""
    from modelforge.catalog import load_catalog, version_finding
    from modelforge.graph import load

    findings = Findings()
    valid = 0
    for path in specs:
        found = Findings()
        valid += load(path, overrides, found, allow_large=allow_large) is not None
        findings.extend(found)
    warning = version_finding(load_catalog())
    if warning:
        findings.extend([warning])
    _print(findings, as_json)
    if not as_json:
        click.echo(_verdict(len(specs), valid, findings), err=True)
    return 0 if valid == len(specs) else 1


def _print(findings: Findings, as_json: bool) -> None:
    from modelforge.cli.main import colored
    from modelforge.findings import json, text

    if as_json:
        click.echo(json.render(findings), nl=False)
    elif len(findings):
        # Findings are what was asked for, so they go to standard output.
        click.echo(text.render(findings, color=colored(sys.stdout)))


def _verdict(specs: int, valid: int, findings: Findings) -> str:
    from modelforge.findings.text import summary

    if valid == specs:
        what = "the spec is valid" if specs == 1 else f"all {specs} specs are valid"
        return f"{what} ({summary(findings)})" if len(findings) else what
    return f"{valid} of {specs} specs valid: {summary(findings)}"
