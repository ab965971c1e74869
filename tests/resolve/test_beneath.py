"""What `extends` must not do: leave the folder, go in circles, hang, or eat the machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import load

MODEL = "model: {inputs: {x: {shape: [4]}}, layers: [{Dense: 3}]}\n"
SECRET = "name: secret\n" + MODEL


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the spec; a secret lies beside it."""
    (tmp_path / "secret.yaml").write_text(SECRET, encoding="utf-8")
    (tmp_path / "specs-of-others").mkdir()
    (tmp_path / "specs-of-others" / "x.yaml").write_text(SECRET, encoding="utf-8")
    inside = tmp_path / "specs"
    (inside / "a").mkdir(parents=True)
    (inside / "base.yaml").write_text(MODEL, encoding="utf-8")
    monkeypatch.chdir(inside)
    return inside


def refused(extends: str) -> str:
    """Everything that is said about a spec that extends this; it must be an error, and quick."""
    Path("spec.yaml").write_text(f"extends: {extends}\n", encoding="utf-8")
    findings, start = Findings(), time.perf_counter()
    assert load("spec.yaml", (), findings) is None
    assert time.perf_counter() - start < 5
    assert findings.errors and all(finding.span for finding in findings)
    return render(findings)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../secret.yaml", "leads out of the folder"),
        ("a/../../secret.yaml", "leads out of the folder"),
        ("./a/.././../secret.yaml", "leads out of the folder"),
        ("nowhere/../../secret.yaml", "leads out of the folder"),
        ("../specs-of-others/x.yaml", "leads out of the folder"),
        ("..", "leads out of the folder"),
        ("/etc/passwd", "is absolute"),
        ("//etc/passwd", "is absolute"),
        ("~/secret.yaml", "is absolute"),
        ("'C:\\specs\\base.yaml'", "is absolute"),
        ("'\\\\host\\share\\base.yaml'", "is absolute"),
        ("'..\\secret.yaml'", "contains a backslash"),
        ("file:///etc/passwd", "is a URL"),
        ("file:base.yaml", "is a URL"),
        ("https://example.org/base.yaml", "is a URL"),
        ("'${env.HOME}/base.yaml'", "cannot be computed"),
        ("''", "is no path"),
        (f"'{'a/' * 600}base.yaml'", "is no path"),
        (f"{'n' * 300}.yaml", "cannot read"),
        ('"base.yaml\\0"', "U+0000"),
        ('"base\\n.yaml"', "a character that no path has"),
        ("Base.YAML", "there is no file"),
        ("a", "is a directory"),
        (".", "is a directory"),
        ("spec.yaml", "extends itself"),
        ("a/../spec.yaml", "extends itself"),
        ("3", "takes a path"),
        ("{base: yaml}", "takes a path"),
        ("[[base.yaml]]", "takes a path"),
        ("null", "takes a path"),
    ],
)
def test_a_path_that_leads_where_it_must_not(folder: Path, path: str, reason: str) -> None:
    said = refused(path)
    assert reason in said and "name: secret" not in said


def test_a_link_that_leads_out(folder: Path) -> None:
    os.symlink("../secret.yaml", "link.yaml")
    os.symlink("..", "up")
    assert "leads out of the folder" in refused("link.yaml")
    assert "leads out of the folder" in refused("up/secret.yaml")


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    os.symlink("../base.yaml", "a/link.yaml")
    Path("spec.yaml").write_text("extends: a/link.yaml\n", encoding="utf-8")
    assert load("spec.yaml", (), Findings())


def test_links_that_lead_to_each_other(folder: Path) -> None:
    os.symlink("two.yaml", "one.yaml")
    os.symlink("one.yaml", "two.yaml")
    assert "spec.yaml:1:10: error[" in refused("one.yaml")


def test_a_circle_through_a_link_is_found(folder: Path) -> None:
    os.symlink("spec.yaml", "link.yaml")
    assert "extends itself" in refused("link.yaml")


def test_a_circle_names_its_way(folder: Path) -> None:
    (folder / "a" / "one.yaml").write_text("extends: two.yaml\n", encoding="utf-8")
    (folder / "a" / "two.yaml").write_text("extends: ../spec.yaml\n", encoding="utf-8")
    said = refused("a/one.yaml")
    assert "`spec.yaml` -> `a/one.yaml` -> `a/two.yaml` -> `spec.yaml`" in said
    assert "`a/one.yaml` is extended at spec.yaml:1:10" in said


def test_a_named_pipe_does_not_hang(folder: Path) -> None:
    os.mkfifo("pipe.yaml")
    assert "is a named pipe" in refused("pipe.yaml")


def test_three_hundred_files(folder: Path) -> None:
    names = [f"part{number}.yaml" for number in range(300)]
    for name in names:
        Path(name).write_text("name: x\n", encoding="utf-8")
    assert "extends more than 64 files" in refused(f"[{', '.join(names)}]")


def test_a_row_of_specs_is_bounded(folder: Path) -> None:
    for number in range(1, 9):
        Path(f"{number}.yaml").write_text(f"extends: {number + 1}.yaml\n", encoding="utf-8")
    Path("9.yaml").write_text(MODEL, encoding="utf-8")
    assert "more than 8 specs extend each other in a row" in refused("1.yaml")
    Path("spec.yaml").write_text("extends: 2.yaml\n", encoding="utf-8")
    assert load("spec.yaml", (), Findings())


def test_what_doubles_at_every_level_is_bounded(folder: Path) -> None:
    for number in range(1, 8):
        twice = ", ".join([f"{number + 1}.yaml"] * 8)
        Path(f"{number}.yaml").write_text(f"extends: [{twice}]\n", encoding="utf-8")
    Path("8.yaml").write_text(MODEL, encoding="utf-8")
    assert "extends more than 64 files" in refused("1.yaml")


def test_the_size_of_all_together_is_bounded(folder: Path) -> None:
    names = [f"large{number}.yaml" for number in range(6)]
    for name in names:
        Path(name).write_text("description: x\n#" + "x" * 900_000, encoding="utf-8")
    assert "have more than 4.0 MiB together" in refused(f"[{', '.join(names)}]")


def test_a_base_is_read_as_strictly_as_a_spec(folder: Path) -> None:
    Path("twice.yaml").write_text("name: a\nname: b\n", encoding="utf-8")
    Path("latin.yaml").write_bytes(b"name: caf\xe9\n")
    said = refused("[twice.yaml, latin.yaml]")
    assert "twice.yaml:2:1: error[duplicate-key]" in said
    assert "`twice.yaml` is extended at spec.yaml:1:11" in said
    assert "latin.yaml:1:10: error[not-utf8]" in said


def test_standard_input_extends_from_the_working_folder(folder: Path) -> None:
    from modelforge.document import parse
    from modelforge.findings import Source
    from modelforge.graph.load import with_inherited

    for path, found in (("base.yaml", True), ("../secret.yaml", False)):
        document = parse(Source("<stdin>", f"extends: {path}\n"), Findings())
        assert document is not None
        assert (with_inherited(document, Findings())[0] is not None) is found
