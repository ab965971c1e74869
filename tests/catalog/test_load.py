"""Which file the catalog comes from, how it is read, and what is said when Keras is another."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelforge.catalog import Argument, Catalog, Word, load_catalog, version_finding
from modelforge.catalog import load as loading
from modelforge.catalog.cache import cached_file
from modelforge.catalog.changes import changes
from modelforge.catalog.record import dump, load, word_of

WORD = Word(
    "Dense",
    "layer",
    "keras.layers",
    aliases=("Fully",),
    arguments=(
        Argument("units", ("integer",), minimum=1, required=True, documentation="How many."),
        Argument("bias", ("boolean",), default=False),
        Argument("scale", ("number", "array"), items=("number",), length=(2, 2), default=0),
    ),
    summary="A layer.",
    calls=("inputs",),
    options=(Argument("masked", ("boolean",), default=True),),
)


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A cache folder of its own, and nothing remembered from other tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    load_catalog.cache_clear()
    yield
    load_catalog.cache_clear()


def test_a_word_survives_the_file() -> None:
    text = dump([WORD], "9.9.9")
    version, words = load(text)
    read = word_of(words[0].record)
    assert version == "9.9.9"
    assert read == WORD
    assert read.arguments[1].default is False
    assert type(read.arguments[2].default) is int


def test_the_file_has_a_line_for_every_argument() -> None:
    lines = dump([WORD], "9.9.9").splitlines()
    assert sum('"name": "' in line and '"types"' in line for line in lines) == 4


def test_the_committed_file_of_the_installed_keras_is_used() -> None:
    catalog = load_catalog()
    assert catalog.keras_version == loading.installed_keras()
    assert version_finding(catalog) is None


def cache(version: str, text: str) -> None:
    path = cached_file(version)
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def test_a_refreshed_file_goes_before_the_committed_one() -> None:
    installed = loading.installed_keras()
    assert installed is not None
    cache(installed, dump([WORD], installed))
    assert load_catalog().words("layer") == {"Dense": WORD}


def test_a_broken_refreshed_file_is_passed_over() -> None:
    installed = loading.installed_keras()
    assert installed is not None
    cache(installed, "{]")
    assert len(load_catalog().words("layer")) > 100


def test_another_keras_gets_the_newest_file_and_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "installed_keras", lambda: "3.99.0")
    catalog = load_catalog()
    finding = version_finding(catalog)
    assert len(catalog.words("layer")) > 100
    assert finding is not None
    assert finding.severity == "warning"
    assert "Keras 3.99.0 is installed" in finding.message
    assert "modelforge catalog --refresh" in finding.notes[1]


def test_releases_are_compared_as_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("3.9.0", "3.15.1"):
        (tmp_path / f"keras-{version}.json").write_text(dump([WORD], version), encoding="utf-8")
    monkeypatch.setattr(loading, "_FOLDER", tmp_path)
    monkeypatch.setattr(loading, "installed_keras", lambda: None)
    assert load_catalog().keras_version == "3.15.1"


def test_words_are_found_by_kind_and_by_any_name() -> None:
    catalog = Catalog(load(dump([WORD], "9.9.9"))[1], "9.9.9")
    assert catalog.find("Fully", "metric", "layer") == WORD
    assert catalog.find("Fully", "metric") is None
    assert list(catalog.names("layer")) == ["Dense", "Fully"]
    assert list(catalog) == [WORD]
    assert catalog.kinds == ("layer",)


def test_changes_are_told_word_by_word() -> None:
    other = Word("Dense", "layer", "keras.layers", arguments=(Argument("units", ("number",)),))
    told = changes([WORD], [other, Word("New", "loss")])
    assert "loss `New` is new" in told
    assert "`Dense.bias` is gone" in told
    assert "`Dense.units` has another types, minimum, required" in told
    assert changes([WORD], [WORD]) == []


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from modelforge.catalog import load_catalog; "
        "load_catalog().find('Dense', 'layer'); "
        "print([m for m in ('keras', 'tensorflow', 'numpy', 'griffe', 'importlib.metadata')"
        " if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr


def test_refresh_writes_the_file_that_load_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    from modelforge.cli import catalog as verb

    monkeypatch.setattr(verb, "_described", lambda: ((WORD,), loading.installed_keras()))
    result = CliRunner().invoke(verb.command, ["--refresh"])
    assert result.exit_code == 0, result.output
    assert ": 1 words of Keras" in result.output
    assert load_catalog().words("layer") == {"Dense": WORD}
    shutil.rmtree(tmp_path / "cache")
