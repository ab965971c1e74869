"""The small specs and what they come to undisturbed, once for all tests of a process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from faults.kills import Reference, undisturbed
from faults.specs import write_specs

Undisturbed = Callable[[str], Reference]


@pytest.fixture(scope="session")
def specs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of the small specs, with their data beside them."""
    return write_specs(tmp_path_factory.mktemp("specs"))


@pytest.fixture(scope="session")
def reference(specs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A spec's run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return cache(lambda name: undisturbed(specs[name], folder / name))
