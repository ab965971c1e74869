"""`modelforge diff`: two specs compared by what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modelforge.cli.options import json_option, trust_option
from modelforge.cli.tell import tell_warnings
from modelforge.findings import Findings, Span

if TYPE_CHECKING:
    from modelforge.graph import Loaded
    from modelforge.spec.compare import Difference


@click.command("diff")
@click.argument("left", metavar="A", type=click.Path(allow_dash=True))
@click.argument("right", metavar="B", type=click.Path(allow_dash=True))
@json_option
@trust_option
def command(left: str, right: str, as_json: bool) -> int:
    """Compare two specs by what they mean; exit 1 if they differ.

    Variables, `extends` and defaults are resolved first, so that formatting, the order of keys,
    aliases and short forms make no difference.
    """
    from modelforge.spec.compare import differences

    a, b = _load(left), _load(right)
    values = [_meaning(loaded, named=_named(a, b)) for loaded in (a, b)]
    found = [_told(difference, a, b) for difference in differences(*values)]
    if as_json:
        import json

        document = {"schema_version": 1, "equal": not found, "differences": found}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        for difference in found:
            click.echo(_text(difference))
        count = f"{len(found)} difference{'s' if len(found) > 1 else ''}"
        click.echo(count if found else "the specs mean the same", err=True)
    return 1 if found else 0


def _load(path: str) -> Loaded:
    from modelforge.graph import load

    findings = Findings()
    loaded = load(path, (), findings, allow_large=True)
    tell_warnings(findings)
    assert loaded is not None
    return loaded


def _named(*specs: Loaded) -> bool:
    # A name that is made from the file's is no difference in what was written.
    return any("name" in loaded.root.entries for loaded in specs)


def _meaning(loaded: Loaded, *, named: bool) -> dict[str, Any]:
    from modelforge.spec.resolved import Resolved

    plain = Resolved(loaded.catalog).spec(loaded.spec)
    return plain if named else {key: value for key, value in plain.items() if key != "name"}


def _told(difference: Difference, a: Loaded, b: Loaded) -> dict[str, Any]:
    return {
        "path": difference.path,
        "a": _side(a, difference.left_path, difference.left),
        "b": _side(b, difference.right_path, difference.right),
    }


def _side(loaded: Loaded, path: tuple[str | int, ...], value: Any) -> dict[str, Any] | None:
    """One spec's value and its place; None where it has no such value."""
    from modelforge.document import Scalar, plain
    from modelforge.spec.compare import MISSING
    from modelforge.spec.place import written_at

    if value is MISSING:
        return None
    node = written_at(loaded.root, path, loaded.catalog)
    if node is None:
        return {"value": value, "where": None}
    span = (node.origin if isinstance(node, Scalar) else None) or node.span
    return {"value": plain(node), "where": _where(span)}


def _where(span: Span) -> dict[str, Any]:
    return {"file": span.source.name, "line": span.line, "column": span.column}


def _text(difference: dict[str, Any]) -> str:
    lines = [f"  {sign} {_line(difference[side])}" for sign, side in (("-", "a"), ("+", "b"))]
    return "\n".join([difference["path"], *lines])


def _line(side: dict[str, Any] | None) -> str:
    from modelforge.document.write import to_line

    if side is None:
        return "nothing"
    where = side["where"]
    place = f"{where['file']}:{where['line']}:{where['column']}" if where else "the default"
    return f"{to_line(side['value'])}  ({place})"
