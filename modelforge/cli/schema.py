"""`modelforge schema`: the JSON Schema of the language, for editors."""

from __future__ import annotations

import click


@click.command("schema")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write it to this file.")
def command(output: str | None) -> None:
    """Print the JSON Schema (draft-07) of the spec language.

    An editor with a YAML language server completes and checks specs with it: put
    `# yaml-language-server: $schema=modelforge.schema.json` into a spec's first line.
    """
    import json

    from modelforge.catalog import load_catalog
    from modelforge.cli.files import write_text
    from modelforge.schema import json_schema

    text = json.dumps(json_schema(load_catalog()), indent=1, ensure_ascii=False) + "\n"
    if output:
        write_text(output, text)
        click.echo(f"wrote {output}", err=True)
    else:
        click.echo(text, nl=False)
