"""Every spec of the gallery validates; those on bundled data are built and trained for an epoch."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from modelforge.findings import Findings
from modelforge.findings.text import render
from modelforge.graph import load

GALLERY = sorted((Path(__file__).parent.parent / "specs").glob("*.yaml"))
BUNDLED = ("Digits", "Iris", "Wine", "BreastCancer", "Diabetes")


def on_bundled_data(path: Path) -> bool:
    loaded = load(str(path), [], Findings())
    return bool(loaded and loaded.spec.data and loaded.spec.data.train.name in BUNDLED)


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_it_validates_without_a_finding(path: Path) -> None:
    findings = Findings()
    loaded = load(str(path), [], findings)
    assert loaded and not len(findings), render(findings)
    assert loaded.spec.description, "a gallery spec says what it shows"


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_editors_are_told_where_the_schema_is(path: Path) -> None:
    # Where `modelforge schema --install` puts it in the checkout.
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../.modelforge/schema.json"


@pytest.mark.slow
@pytest.mark.parametrize("path", [*filter(on_bundled_data, GALLERY)], ids=lambda path: path.stem)
def test_it_trains(path: Path, tmp_path: Path, modelforge_command: Callable[..., Result]) -> None:
    done = modelforge_command("train", path, "--runs", tmp_path, "--set", "train.epochs=1")
    assert done.exit_code == 0, done.stderr
    (run,) = (tmp_path / path.stem).iterdir()
    assert (run / "final.keras").exists()
    loaded = load(str(path), [], Findings())
    assert loaded
    for base in loaded.extended:
        assert (run / "extends" / Path(base.name).name).read_text(encoding="utf-8") == base.text


@pytest.mark.slow
def test_a_model_of_ones_own_is_fine_tuned(
    tmp_path: Path, modelforge_command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the two specs tell their reader to: in their folder, the second after the first."""
    folder = tmp_path / "pair"
    shutil.copytree(GALLERY[0].parent / "finetune-own-model", folder)
    monkeypatch.chdir(folder)
    for name, more in (("pretrain", ("--run", "runs/pretrained")), ("finetune", ())):
        text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
        told = " ".join(["modelforge train", f"{name}.yaml", *more])
        assert f"# Train it with: cd specs/finetune-own-model && {told}\n" in text
        short = ("--set", "train.epochs=1") if name == "pretrain" else ()
        done = modelforge_command("train", f"{name}.yaml", *more, *short)
        assert done.exit_code == 0, done.stderr
    lines = done.stderr.splitlines()
    assert "encoder: 2 of 2 layers with weights, 18,816 parameters frozen" in lines
    assert "encoder: 1 of 2 layers with weights, 320 parameters frozen" in lines
    validated = modelforge_command("validate", "finetune.yaml", "pretrain.yaml")
    assert validated.exit_code == 0 and "warning" not in validated.output
