"""`modelforge new`: a starter spec from a template, a folder of images, or a CSV file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from modelforge.cli.files import write_text
from modelforge.findings import did_you_mean, listed, refuse


@click.command("new")
@click.argument("name", required=False)
@click.option("--from", "source", metavar="PATH", help="A folder of images by class, or a CSV.")
@click.option("--target", metavar="COLUMN", help="The column to predict; the last by default.")
@click.option(
    "--separator",
    metavar="TEXT",
    help="What stands between two labels, where the column lists any number of them.",
)
@click.option("--template", metavar="NAME", help="The template to start from (see --list).")
@click.option("--force", is_flag=True, help="Overwrite a spec of this name.")
@click.option("--list", "as_list", is_flag=True, help="List the templates.")
def command(
    name: str | None,
    source: str | None,
    target: str | None,
    separator: str | None,
    template: str | None,
    force: bool,
    as_list: bool,
) -> int:
    """Write a starter spec, NAME.yaml, that can be trained at once.

    From a folder of images, classes, image size and channels are filled in; from a CSV, the
    columns, the target, loss and metrics.
    """
    from modelforge.schema.editor import modeline
    from modelforge.starter.text import SCHEMA_LINE

    if as_list:
        _print_templates()
        return 0
    if source and template:
        raise click.UsageError("`--from` and `--template` cannot be used together.")
    if target and not source:
        raise click.UsageError("`--target` belongs to `--from` with a CSV file.")
    if separator is not None and not (separator and target):
        raise click.UsageError("`--separator` has a text, and belongs to `--target` with a CSV.")
    path = _path(name or (_stem(source) if source else template or "digits"))
    if path.exists() and not force:
        raise refuse(
            "file-exists",
            f"{path} is already there",
            notes=("give another name, or add `--force` to overwrite it",),
        )
    text = _text(source, (target, separator), template or "digits", path)
    write_text(path, text.replace(SCHEMA_LINE, modeline(path.parent), 1))
    click.echo(f"wrote {path}", err=True)
    if source and not target and Path(source).is_file():
        click.echo("it predicts the last column; --target COLUMN chooses another", err=True)
    click.echo(f"train it with: modelforge train {path}", err=True)
    if not (path.parent / modeline(path.parent).rpartition("=")[2]).exists():
        install = f"modelforge schema --install {_folder(path)}".rstrip()
        click.echo(f"for completion in editors: {install}", err=True)
    return 0


def _path(name: str) -> Path:
    path = Path(name)
    path = path if path.suffix in (".yaml", ".yml") else path.with_name(path.name + ".yaml")
    if not path.parent.is_dir():
        raise refuse("path-not-found", f"there is no folder {path.parent}")
    return path


def _folder(path: Path) -> str:
    return "" if path.parent == Path() else str(path.parent)


def _stem(source: str) -> str:
    return Path(source).resolve().stem.replace(" ", "-")


def _text(
    source: str | None, asked: tuple[str | None, str | None], template: str, path: Path
) -> str:
    from modelforge.starter import text as starter

    if source is None:
        known = starter.templates()
        if template not in known:
            raise refuse(
                "unknown-template",
                f"there is no template `{template}`",
                hint=did_you_mean(template, known),
                notes=(f"templates: {listed(known)}",),
            )
        return starter.from_template(template, path.stem)
    return _from_data(Path(source).expanduser(), asked, path)


def _from_data(source: Path, asked: tuple[str | None, str | None], path: Path) -> str:
    target, separator = asked
    if not source.exists():
        near = did_you_mean(source.name, _siblings(source))
        raise refuse("path-not-found", f"there is no file or folder {source}", hint=near)
    written = _written(source, path.parent)
    if source.is_dir():
        from modelforge.starter.images import from_images

        if target:
            raise click.UsageError("`--target` belongs to `--from` with a CSV file.")
        return from_images(source, written, path.stem)
    from modelforge.starter.table import from_table

    return from_table(source, written, path.stem, target, separator)


def _written(source: Path, folder: Path) -> str:
    """The path as the spec says it: relative to the spec, unless it lies on another drive."""
    try:
        relative = os.path.relpath(source, folder)
    except ValueError:
        return source.resolve().as_posix()
    return relative.replace(os.sep, "/")


def _siblings(source: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in source.parent.iterdir())
    except OSError:
        return []


def _print_templates() -> None:
    from modelforge.starter.text import templates

    known = templates()
    width = max(map(len, known))
    for name, sentence in known.items():
        click.echo(f"{name:{width}}  {sentence}")
