"""What all tests share: reading a spec that a test wrote, and running the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from modelforge.catalog import Catalog, load_catalog
from modelforge.document import Mapping, parse
from modelforge.findings import Findings, Source

# Tests never assert on seconds: the machines are shared.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture
def document() -> Callable[[str], Mapping]:
    """Parses a text that must be YAML."""

    def read(text: str) -> Mapping:
        findings = Findings()
        root = parse(Source("spec.yaml", text), findings)
        assert root is not None, list(findings)
        return root

    return read


@pytest.fixture
def modelforge_command() -> Callable[..., Result]:
    """Runs a command in this process, as the console script would, exit codes included."""
    import sys

    import click

    from modelforge.cli import main

    @click.command(
        context_settings={"ignore_unknown_options": True, "help_option_names": []},
        add_help_option=False,
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def command(arguments: tuple[str, ...]) -> None:
        sys.exit(main.run(list(arguments)))

    def run(*arguments: object, **options: object) -> Result:
        return CliRunner().invoke(command, [str(a) for a in arguments], **options)  # type: ignore[arg-type]

    return run
