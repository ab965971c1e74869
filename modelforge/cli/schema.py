"""`modelforge schema`: the JSON Schema of the language, for editors."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from modelforge.cli.options import plugins_option, trust_option
from modelforge.findings import Findings


@click.command("schema")
@click.argument("specs", nargs=-1, type=click.Path(dir_okay=False, allow_dash=True))
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write it to this file.")
@click.option(
    "--install",
    metavar="[DIR]",
    is_flag=False,
    flag_value=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write it into a project, with the settings that editors need.",
)
@click.option(
    "--for",
    "globs",
    metavar="GLOB",
    multiple=True,
    help="Names of specs, for --install; default: *.modelforge.yaml and *.modelforge.yml.",
)
@plugins_option
@trust_option
def command(
    specs: tuple[str, ...],
    output: str | None,
    install: Path | None,
    globs: tuple[str, ...],
    plugins: tuple[str, ...],
) -> int:
    """Print the JSON Schema (draft-07) of the spec language; it offers the blocks of SPECS, too.

    An editor with a YAML language server completes and checks specs with it. With --install it
    is written to .modelforge/schema.json, and .vscode/ is told; in other editors, and for specs
    with other names, the first line of a spec says where it is:
    `# yaml-language-server: $schema=.modelforge/schema.json`.
    """
    from modelforge.cli.files import write_text
    from modelforge.cli.plugged import catalog_with
    from modelforge.schema import json_schema

    if globs and install is None:
        raise click.UsageError("`--for` belongs to `--install`.")
    schema = _with_blocks(json_schema(catalog_with(plugins)), specs)
    text = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    if install is not None:
        return _install(install, text, globs)
    if output:
        write_text(output, text)
        click.echo(f"wrote {output}", err=True)
    else:
        click.echo(text, nl=False)
    return 0


def _with_blocks(schema: dict[str, Any], specs: Sequence[str]) -> dict[str, Any]:
    if not specs:
        return schema
    from modelforge.document import read_document
    from modelforge.graph.load import with_inherited
    from modelforge.schema.known_blocks import with_blocks

    findings = Findings()
    documents = [read_document(path, findings) for path in specs]
    whole = [with_inherited(document, findings)[0] for document in documents if document]
    findings.stop_on_errors()
    return with_blocks(schema, [document for document in whole if document])


def _install(folder: Path, schema: str, globs: Sequence[str]) -> int:
    from modelforge.cli.tell import tell
    from modelforge.schema import editor

    findings = Findings()
    names = globs or editor.GLOBS
    _write(folder / editor.SCHEMA, schema)
    for path, merged in (
        (editor.SETTINGS, lambda text: editor.settings(text, names)),
        (editor.EXTENSIONS, editor.extensions),
    ):
        _merge(folder, path, merged, names, findings)
    tell(findings)
    return 1 if findings.errors else 0


def _merge(
    folder: Path,
    path: Path,
    merged: Callable[[str | None], str],
    globs: Sequence[str],
    findings: Findings,
) -> None:
    """Changes a file of settings, or tells what to add to it by hand."""
    from modelforge.schema import editor

    place = folder / path
    try:
        before = place.read_text(encoding="utf-8") if place.exists() else None
        text = merged(before)
    except (OSError, UnicodeDecodeError, editor.CannotMerge) as error:
        if isinstance(error, editor.CannotMerge) and editor.holds(path, before or "", globs):
            return
        findings.error(
            "settings-kept",
            f"`{place}` is left as it is: {error}",
            notes=[f"add to it: {editor.to_add(path, globs)}"],
        )
        return
    if text != before:
        _write(place, text)


def _write(path: Path, text: str) -> None:
    from modelforge.cli.files import write_text
    from modelforge.findings import refuse

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse("cannot-write", f"cannot write {path}: {error.strerror}") from error
    write_text(path, text)
    click.echo(f"wrote {path}", err=True)
