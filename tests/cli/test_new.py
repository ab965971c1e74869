"""`modelforge new`: what it writes is valid, fits the data, and never overwrites by accident."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click import UsageError
from click.testing import CliRunner

from modelforge.cli.new import command
from modelforge.findings import Findings, Refused
from modelforge.graph import load

TABLE = "id,size,kind,again,label\n" + "".join(
    f"{i},{i % 7}.5,{'xyz'[i % 3]},{'pq'[i % 2]},{'ab'[i % 2]}\n" for i in range(40)
)


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*arguments: str) -> int:
    result: int = command.main(list(arguments), standalone_mode=False)
    return result


def is_valid(path: str) -> bool:
    findings = Findings()
    found = load(path, (), findings)
    assert not len(findings), list(findings)
    return found is not None


@pytest.mark.parametrize("template", ["digits", "classification", "regression"])
def test_every_template_is_valid(template: str) -> None:
    assert new("start", "--template", template) == 0
    text = Path("start.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=.modelforge/schema.json\n")
    assert "\nname: start\n" in text
    assert is_valid("start.yaml")


def test_the_list_names_every_template() -> None:
    found = CliRunner().invoke(command, ["--list"]).output
    assert [line.split()[0] for line in found.splitlines()] == [
        "classification",
        "digits",
        "regression",
    ]


def test_from_a_table_with_classes() -> None:
    Path("t.csv").write_text(TABLE, encoding="utf-8")
    assert new("--from", "t.csv") == 0
    text = Path("t.yaml").read_text(encoding="utf-8")
    assert "target: label" in text
    assert "ignore: [id, again]     # id names the rows, again repeats the target" in text
    assert "loss: SparseCategoricalCrossentropy" in text
    assert is_valid("t.yaml")


def test_the_choice_of_the_target_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("t.csv").write_text(TABLE, encoding="utf-8")
    new("--from", "t.csv")
    assert "it predicts the last column; --target COLUMN" in capsys.readouterr().err
    new("--from", "t.csv", "--target", "size", "--force")
    assert "last column" not in capsys.readouterr().err


def test_from_a_table_with_a_number() -> None:
    Path("t.csv").write_text(TABLE.replace(",", ";"), encoding="utf-8")
    assert new("price", "--from", "t.csv", "--target", "size") == 0
    text = Path("price.yaml").read_text(encoding="utf-8")
    assert 'delimiter: ";"' in text
    assert "loss: MeanSquaredError" in text
    assert is_valid("price.yaml")


def test_from_a_table_with_several_labels() -> None:
    rows = "".join(f"{n}.5,{'beach|sea' if n % 3 else ''}\n" for n in range(30))
    Path("t.csv").write_text("x,tags\n" + rows + "1.5,NA\n", encoding="utf-8")
    assert new("--from", "t.csv", "--target", "tags", "--separator", "|") == 0
    text = Path("t.yaml").read_text(encoding="utf-8")
    assert "# 30 rows; `tags` is any of 2 labels." in text
    assert 'separator: "|"' in text and "target_kind: multi_label" in text
    assert "missing: drop" in text  # of one row the labels are not known
    assert "activation: sigmoid" in text and "loss: BinaryCrossentropy" in text
    assert is_valid("t.yaml")
    with pytest.raises(Refused) as caught:
        new("--from", "t.csv", "--target", "tags", "--separator", ";", "--force")
    assert "has 1 label, so there is nothing to learn" in caught.value.findings[0].message
    with pytest.raises(click.UsageError, match="belongs to `--target`"):
        new("--from", "t.csv", "--separator", ";", "--force")


def test_a_wrong_target_is_refused_with_the_right_one() -> None:
    Path("t.csv").write_text(TABLE, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        new("--from", "t.csv", "--target", "lable")
    (finding,) = caught.value.findings
    assert finding.message == "t.csv has no column `lable`"
    assert finding.hint == "did you mean `label`?"
    assert not Path("t.yaml").exists()


def test_from_a_folder_of_images() -> None:
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (20).to_bytes(4, "big") + (30).to_bytes(4, "big")
    for name in ("no", "a cat"):
        folder = Path("images", name)
        folder.mkdir(parents=True)
        for number in range(20):
            (folder / f"{number}.png").write_bytes(head + b"\x08\0\0\0\0" + b"IEND")
    assert new("--from", "images") == 0
    text = Path("images.yaml").read_text(encoding="utf-8")
    assert "image_size: [30, 20]" in text
    assert "color_mode: grayscale" in text
    assert 'classes: ["a cat", no]' in text
    assert is_valid("images.yaml")


def test_nothing_is_overwritten_without_force() -> None:
    Path("digits.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match=r"digits\.yaml is already there"):
        new()
    assert Path("digits.yaml").read_text(encoding="utf-8") == "mine"
    assert new("--force") == 0
    assert is_valid("digits.yaml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--template", "digit"), "there is no template `digit`"),
        (("--from", "nothing"), "there is no file or folder nothing"),
        (("there/x",), "there is no folder there"),
    ],
)
def test_what_is_not_there(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(Refused, match=message):
        new(*arguments)


def photos(count: int = 20, side: tuple[int, int] = (20, 30), colour: int = 2) -> None:
    """Two classes of pictures, of which the headers alone are there."""
    width, height = (number.to_bytes(4, "big") for number in side)
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width + height
    for name in ("cat", "dog"):
        folder = Path("photos", name)
        folder.mkdir(parents=True)
        for number in range(count):
            (folder / f"{number}.png").write_bytes(head + bytes([8, colour]) + b"\0\0\0IEND")


def test_few_images_are_said_to_be_few(capsys: pytest.CaptureFixture[str]) -> None:
    photos(20)
    new("--from", "photos")
    said = capsys.readouterr().err
    assert "40 images are few to learn from; `--finetune` builds on a network" in said


def test_batch_normalization_of_the_starter_learns_its_statistics_in_an_epoch() -> None:
    # With 0.99 validation was at chance for ten epochs, and `EarlyStopping` ended there.
    photos(20)
    new("--from", "photos")
    assert "BatchNormalization: {momentum: 0.9}" in Path("photos.yaml").read_text(encoding="utf-8")


def test_fine_tuning_of_a_network_of_keras() -> None:
    photos(20, side=(500, 400))
    assert new("--from", "photos", "--finetune") == 0
    text = Path("photos.yaml").read_text(encoding="utf-8")
    assert "- MobileNetV2: {weights: imagenet, include_top: false, pooling: avg}" in text
    assert "name: backbone             # its preprocessing (tf): pixels of 0 to 255" in text
    assert "image_size: [192, 224]" in text
    assert is_valid("photos.yaml")


@pytest.mark.parametrize("name", ["ResNet50", "Xception", "EfficientNetV2S", "NASNetMobile"])
def test_fine_tuning_of_small_grey_images(name: str) -> None:
    photos(20, side=(20, 20), colour=0)
    assert new("--from", "photos", "--finetune", name) == 0
    text = Path("photos.yaml").read_text(encoding="utf-8")
    assert f"- {name}: {{" in text and "color_mode: rgb" in text
    assert "image_size: [96, 96]" in text
    assert is_valid("photos.yaml")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("Resnet5", "`Resnet5` is no network of `keras.applications`, and no file or folder"),
        ("base.keras", "`base.keras` is not opened: there is no such file"),
    ],
)
def test_what_cannot_be_fine_tuned(asked: str, message: str) -> None:
    photos()
    with pytest.raises(Refused) as caught:
        new("--from", "photos", "--finetune", asked)
    assert next(iter(caught.value.findings)).message == message
    assert not Path("photos.yaml").exists()


def test_fine_tuning_belongs_to_a_folder_of_images() -> None:
    Path("t.csv").write_text(TABLE, encoding="utf-8")
    for arguments in (("--finetune",), ("--from", "t.csv", "--finetune")):
        with pytest.raises(UsageError, match="belongs to `--from` with a folder of images"):
            new(*arguments)
