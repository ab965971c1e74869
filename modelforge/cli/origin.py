"""`modelforge show --origin PATH`: the way that a value took."""

from __future__ import annotations

import json
from typing import Any

import click

from modelforge.cli.tell import tell_warnings
from modelforge.findings import Findings


def print_origin(spec: str, overrides: tuple[str, ...], path: str, *, as_json: bool) -> None:
    """Prints a value, where it is written, and through what it came."""
    from modelforge.document.write import to_line
    from modelforge.graph import load
    from modelforge.graph.origin import origin

    findings = Findings()
    loaded = load(spec, overrides, findings, allow_large=True)
    tell_warnings(findings)
    assert loaded is not None
    found = origin(loaded, path, findings)
    findings.stop_on_errors()
    assert found is not None
    if as_json:
        click.echo(json.dumps(_as_dict(found), indent=2, ensure_ascii=False))
        return
    click.echo(f"{found.path}: {to_line(found.value)}")
    width = max(len(step.how) for step in found.steps)
    for step in found.steps:
        text = step.span.source.line(step.span.line).strip()
        click.echo(f"  {step.how:{width}}  {step.span}  {text}")


def _as_dict(found: Any) -> dict[str, Any]:
    steps = [
        {
            "how": step.how,
            "where": {
                "file": step.span.source.name,
                "line": step.span.line,
                "column": step.span.column,
            },
        }
        for step in found.steps
    ]
    return {"schema_version": 1, "path": found.path, "value": found.value, "from": steps}
