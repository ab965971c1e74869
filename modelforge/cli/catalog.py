"""`modelforge catalog`: the vocabulary's data file against the installed Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from modelforge.catalog import Word


@click.command("catalog")
@click.option("--refresh", is_flag=True, help="Describe the installed Keras anew, for this user.")
@click.option("--check", is_flag=True, help="Compare the file in use with the installed Keras.")
def command(refresh: bool, check: bool) -> None:
    """Say which Keras the vocabulary describes; make it anew for another one.

    `--refresh` reads the installed Keras (TensorFlow is imported, some seconds) and writes a data
    file into the user's cache, where every later command finds it.
    """
    if refresh and check:
        raise click.UsageError("`--refresh` and `--check` exclude each other.")
    if refresh:
        _refresh()
    elif check:
        _check()
    else:
        _say()


def _say() -> None:
    from modelforge.catalog import load_catalog, version_finding
    from modelforge.findings.text import render_one

    catalog = load_catalog()
    click.echo(f"{len(catalog)} words; Keras's are those of Keras {catalog.keras_version}")
    finding = version_finding(catalog)
    if finding is not None:
        click.echo(render_one(finding), err=True, nl=False)


def _refresh() -> None:
    from modelforge.catalog.cache import cached_file
    from modelforge.catalog.record import dump
    from modelforge.findings import refuse
    from modelforge.runs.files import write_text

    words, version = _described()
    path = cached_file(version)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, dump(words, version))
    except OSError as error:
        raise refuse(
            "cache-not-writable",
            f"`{path}` cannot be written: {error.strerror}",
            notes=("set XDG_CACHE_HOME to a folder that can be written",),
        ) from error
    click.echo(f"{path}: {len(words)} words of Keras {version}")


def _check() -> None:
    from modelforge.catalog.changes import changes
    from modelforge.catalog.load import load_catalog
    from modelforge.findings import refuse

    words, version = _described()
    catalog = load_catalog()
    in_use = [word for word in catalog if word.module.startswith("keras")]
    found = changes(in_use, words)
    if found:
        raise refuse(
            "catalog-differs",
            f"the catalog differs from the installed Keras {version} in {len(found)} places",
            notes=(*found, "run `modelforge catalog --refresh` to describe the installed Keras"),
        )
    click.echo(f"the catalog describes the installed Keras {version} exactly: {len(words)} words")


def _described() -> tuple[tuple[Word, ...], str]:
    """The words of the installed Keras, and its version."""
    try:
        import griffe  # noqa: F401
    except ImportError as error:
        from modelforge.findings import refuse

        raise refuse(
            "missing-package",
            "describing Keras needs the package `griffe`, which is not installed",
            notes=("install it with `pip install griffe`",),
        ) from error
    from modelforge.cli.tensorflow import import_tensorflow

    import_tensorflow()
    from modelforge.introspect import describe_keras, keras_version

    return describe_keras(), keras_version()
