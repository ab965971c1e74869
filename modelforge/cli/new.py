"""`modelforge new`: a starter spec from a template, a folder of images, or a CSV file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from modelforge.cli.files import write_text
from modelforge.findings import did_you_mean, listed, refuse


@dataclass(frozen=True)
class _Asked:
    """What is asked of a spec that is made from data. finetune: empty for the usual network."""

    target: str | None
    separator: str | None
    finetune: str | None


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
@click.option(
    "--finetune",
    metavar="[NETWORK]",
    is_flag=False,
    flag_value="",
    help="With a folder of images: build on a network that was trained before. A network of "
    "keras.applications (MobileNetV2 by default), or the path of a .keras file or a run folder.",
)
@click.option("--force", is_flag=True, help="Overwrite a spec of this name.")
@click.option("--list", "as_list", is_flag=True, help="List the templates.")
def command(
    name: str | None,
    source: str | None,
    template: str | None,
    force: bool,
    as_list: bool,
    **asked: str | None,
) -> int:
    """Write a starter spec, NAME.yaml, that can be trained at once.

    From a folder of images, classes, image size and channels are filled in; from a CSV, the
    columns, the target, loss and metrics. `--finetune` pays where images are few: some hundred.
    """
    from modelforge.schema.editor import modeline
    from modelforge.starter.text import SCHEMA_LINE

    if as_list:
        _print_templates()
        return 0
    if source and template:
        raise click.UsageError("`--from` and `--template` cannot be used together.")
    wanted = _Asked(**asked)
    _check(wanted, Path(source).expanduser() if source else None)
    path = _path(name or (_stem(source) if source else template or "digits"))
    if path.exists() and not force:
        raise refuse(
            "file-exists",
            f"{path} is already there",
            notes=("give another name, or add `--force` to overwrite it",),
        )
    if source:
        text = _from_data(Path(source).expanduser(), wanted, path)
    else:
        text = _from_template(template or "digits", path)
    write_text(path, text.replace(SCHEMA_LINE, modeline(path.parent), 1))
    click.echo(f"wrote {path}", err=True)
    if source and not wanted.target and Path(source).is_file():
        click.echo("it predicts the last column; --target COLUMN chooses another", err=True)
    click.echo(f"train it with: modelforge train {path}", err=True)
    if not (path.parent / modeline(path.parent).rpartition("=")[2]).exists():
        install = f"modelforge schema --install {_folder(path)}".rstrip()
        click.echo(f"for completion in editors: {install}", err=True)
    return 0


def _check(asked: _Asked, source: Path | None) -> None:
    """Raises click's error where an option does not go with what the spec is made from."""
    folder = source is not None and source.is_dir()
    if asked.target and (source is None or folder):
        raise click.UsageError("`--target` belongs to `--from` with a CSV file.")
    if asked.separator is not None and not (asked.separator and asked.target):
        raise click.UsageError("`--separator` has a text, and belongs to `--target` with a CSV.")
    if asked.finetune is not None and not folder:
        raise click.UsageError("`--finetune` belongs to `--from` with a folder of images.")


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


def _from_template(template: str, path: Path) -> str:
    from modelforge.starter import text as starter

    known = starter.templates()
    if template not in known:
        raise refuse(
            "unknown-template",
            f"there is no template `{template}`",
            hint=did_you_mean(template, known),
            notes=(f"templates: {listed(known)}",),
        )
    return starter.from_template(template, path.stem)


def _from_data(source: Path, asked: _Asked, path: Path) -> str:
    """The spec for a folder or file."""
    if not source.exists():
        near = did_you_mean(source.name, _siblings(source))
        raise refuse("path-not-found", f"there is no file or folder {source}", hint=near)
    written = _written(source, path.parent)
    if not source.is_dir():
        from modelforge.starter.table import from_table

        return from_table(source, written, path.stem, asked.target, asked.separator)
    from modelforge.starter.images import from_images, pictures

    found = pictures(source, written)
    if asked.finetune is None:
        if found.few:
            click.echo(
                f"{found.count:,} images are few to learn from; `--finetune` builds on a network "
                "that was trained before",
                err=True,
            )
        return from_images(found, path.stem)
    from modelforge.starter import finetune as starter

    asked_for = os.path.expanduser(asked.finetune or starter.DEFAULT)
    network = starter.base(asked_for, _written(Path(asked_for), path.parent), found)
    return _valid(starter.finetuned(network, found, path.stem), path)


def _valid(text: str, path: Path) -> str:
    """The text; Refused where it is no valid spec: a saved model may have anything in it."""
    from modelforge.cli.tell import tell_warnings
    from modelforge.document import parse
    from modelforge.findings import Findings, Source
    from modelforge.graph.load import understand

    findings = Findings()
    root = parse(Source(str(path), text), findings)
    if root is not None:
        understand(root, (), findings)
    tell_warnings(findings)
    return text


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
