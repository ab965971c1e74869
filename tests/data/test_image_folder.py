"""ImageFolder: formats, sizes, colours, classes, and images that cannot be read."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from modelforge.data import decode_images
from modelforge.data.images import ImageReading, Known, decode
from modelforge.sniff.image import Header, Unreadable, read_header

from .conftest import everything, opened, refused, section, source, write_image

Make = Callable[..., Path]
# A lossless 2 x 1 image, red and blue, as no TensorFlow operation writes WebP.
WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAQAAAIgD/B/gv/+RAA==")
GIF = base64.b64decode("R0lGODlhAQABAIAAAP8AAP///ywAAAAAAQABAAACAkQBADs=")


def bmp(pixels: np.ndarray) -> bytes:
    """An uncompressed 24-bit BMP, written from the bottom up as the format wants it."""
    height, width, _ = pixels.shape
    padding = b"\0" * (-3 * width % 4)
    rows = b"".join(row[:, ::-1].tobytes() + padding for row in pixels[::-1])
    head = b"BM" + (54 + len(rows)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    size = width.to_bytes(4, "little") + height.to_bytes(4, "little")
    rest = (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24)
    return head + (40).to_bytes(4, "little") + size + rest + rows


def test_classes_are_folders_in_alphabetical_order(images: Make) -> None:
    root = images({"dog": 5, "cat": 4})
    bundle, findings = opened(root, section("ImageFolder", {"path": "images"}, shuffle=False))
    inputs, targets = everything(bundle.train)
    assert bundle.facts["class_names"] == ["cat", "dog"]
    assert bundle.facts["shape"] == [6, 5, 3], "the size that all images have"
    assert targets.tolist() == [0] * 4 + [1] * 5
    assert inputs[:, 0, 0, 0].tolist() == [40, 41, 42, 43, 0, 1, 2, 3, 4]
    assert bundle.manifest["sources"]["train"]["images_by_class"] == {"cat": 4, "dog": 5}
    assert not len(findings)


def test_classes_can_be_chosen_and_ordered(images: Make) -> None:
    root = images({"a": 2, "b": 2, "c": 2})
    arguments = {"path": "images", "classes": ("c", "a")}
    bundle, _ = opened(root, section("ImageFolder", arguments, batch_size=2))
    assert bundle.facts["class_names"] == ["c", "a"]
    assert bundle.train.size == 4


def test_every_format_is_read(tmp_path: Path) -> None:
    pixels = np.array([[[255, 0, 0], [0, 0, 255]]], dtype=np.uint8)
    for label in ("a", "b"):
        folder = tmp_path / label
        write_image(folder / "1.png", pixels)
        write_image(folder / "2.jpg", np.repeat(np.repeat(pixels, 8, 0), 8, 1))
        (folder / "3.webp").write_bytes(WEBP)
        (folder / "4.bmp").write_bytes(bmp(pixels))
        (folder / "5.gif").write_bytes(GIF)
    arguments = {"path": ".", "image_size": (1, 2), "interpolation": "nearest"}
    bundle, _ = opened(tmp_path, section("ImageFolder", arguments, shuffle=False))
    found = everything(bundle.train)[0]
    for number in (0, 2, 3):
        assert np.array_equal(found[number], pixels), number
    assert np.allclose(found[1], pixels, atol=6), "JPEG loses a little"
    assert np.array_equal(found[4][0, 0], [255, 0, 0])


def test_headers_tell_sizes(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", np.zeros((3, 7, 1), np.uint8))
    write_image(tmp_path / "a.jpg", np.zeros((3, 7, 3), np.uint8))
    (tmp_path / "a.webp").write_bytes(WEBP)
    (tmp_path / "a.bmp").write_bytes(bmp(np.zeros((3, 7, 3), np.uint8)))
    (tmp_path / "a.gif").write_bytes(GIF)
    assert read_header(tmp_path / "a.png") == Header("png", 7, 3, 1)
    assert read_header(tmp_path / "a.jpg") == Header("jpeg", 7, 3, 3)
    assert read_header(tmp_path / "a.bmp") == Header("bmp", 7, 3, 3)
    assert read_header(tmp_path / "a.gif") == Header("gif", 1, 1, 3)
    webp = read_header(tmp_path / "a.webp")
    assert (webp.format, webp.width, webp.height) == ("webp", 2, 1)


@pytest.mark.parametrize("mode", ["rgb", "grayscale", "rgba"])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_what_is_known_beforehand_changes_no_pixel(
    mode: str, channels: int, suffix: str, tmp_path: Path
) -> None:
    if suffix == ".jpg" and channels == 4:
        return  # a JPEG has no transparency
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, channels), dtype=np.uint8)
    write_image(tmp_path / f"a{suffix}", pixels)
    contents = (tmp_path / f"a{suffix}").read_bytes()
    for size in ((9, 7), (5, 6)):
        reading = ImageReading(*size, color_mode=mode)
        known = Known(plain=True, exact=size == (9, 7))
        fast, general = decode(contents, reading, known), decode(contents, reading)
        assert np.array_equal(fast.numpy(), general.numpy())


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", np.zeros((3, 7, 1), np.uint8))
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[16:24] = (20_000).to_bytes(4, "big") * 2
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(Unreadable, match="20000 x 20000 pixels, more than 50,000,000"):
        read_header(tmp_path / "a.png")


def test_what_its_header_forbids_is_never_decoded(
    images: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import modelforge.data.decoding as decoding

    root, seen = images({"a": 3, "b": 3}), []
    (root / "images/a/0.jpg").write_bytes(b"\xff\xd8 cut off")
    reason = decoding._reason
    monkeypatch.setattr(decoding, "_reason", lambda *a: seen.append(a[0]) or reason(*a))
    said = refused(root, section("ImageFolder", {"path": "images"}))
    assert said == ["unreadable-image: 1 image of 7 cannot be read"]
    assert seen == []


@pytest.mark.parametrize(("mode", "channels"), [("grayscale", 1), ("rgb", 3), ("rgba", 4)])
@pytest.mark.parametrize("cache", ["memory", "none"])
def test_colour_modes(images: Make, mode: str, channels: int, cache: str) -> None:
    root = images({"a": 3, "b": 3})
    arguments = {"path": "images", "color_mode": mode}
    bundle, _ = opened(root, section("ImageFolder", arguments, cache=cache, batch_size=6))
    found = everything(bundle.train)[0]
    assert found.shape == (6, 6, 5, channels)
    assert sorted(found[:, 0, 0, 0].tolist()) == [0, 1, 2, 40, 41, 42]


@pytest.mark.parametrize(
    ("resize", "expected"),
    [("stretch", [0, 255]), ("crop", [0, 255]), ("pad", [0, 0])],
)
def test_resizing(tmp_path: Path, resize: str, expected: list[int]) -> None:
    pixels = np.zeros((2, 8, 3), np.uint8)
    pixels[:, 4:] = 255
    for label in "ab":
        write_image(tmp_path / label / "1.png", pixels)
    arguments = {"path": ".", "image_size": 2, "resize": resize, "interpolation": "nearest"}
    bundle, _ = opened(tmp_path, section("ImageFolder", arguments, batch_size=2))
    image = everything(bundle.train)[0][0]
    assert image.shape == (2, 2, 3)
    assert [image[1, 0, 0], image[1, 1, 0]] == expected


def test_the_cache_changes_nothing(images: Make) -> None:
    root = images({"a": 9, "b": 9})
    found = [
        everything(opened(root, section("ImageFolder", {"path": "images"}, cache=cache))[0].train)
        for cache in ("memory", "none")
    ]
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])


def test_an_unreadable_image_is_named(images: Make) -> None:
    root = images({"a": 3, "b": 3})
    (root / "images" / "a" / "x.jpg").write_bytes(b"no image")
    assert refused(root, section("ImageFolder", {"path": "images"}, batch_size=2)) == [
        "unreadable-image: 1 image of 7 cannot be read"
    ]
    bundle, findings = opened(
        root, section("ImageFolder", {"path": "images", "on_unreadable": "skip"}, batch_size=2)
    )
    assert bundle.train.size == 6
    (warning,) = findings.warnings
    assert warning.message == "1 image of 7 left out"
    assert warning.notes == ("a/x.jpg is no JPEG, PNG, WebP, GIF or BMP image",)
    assert bundle.manifest["sources"]["train"]["skipped"] == ["a/x.jpg"]


@pytest.mark.parametrize("cache", ["memory", "none"])
def test_damage_behind_the_header_is_found_as_well(images: Make, cache: str) -> None:
    root = images({"a": 3, "b": 3})
    path = root / "images" / "a" / "1.png"
    content = bytearray(path.read_bytes())
    content[45:50] = b"\0\0\0\0\0"
    path.write_bytes(content)
    data = section("ImageFolder", {"path": "images"}, batch_size=2, cache=cache)
    assert refused(root, data) == ["unreadable-image: 1 image of 6 cannot be read"]
    truncated = root / "images" / "a" / "1.png"
    truncated.write_bytes(truncated.read_bytes()[:-8])
    with pytest.raises(Unreadable, match="ends too early"):
        read_header(truncated)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 2}, "single-class: there is only one class, `a`"),
        ({"a": 2, "b": 0}, "empty-class: the folder of class `b` holds no image"),
        (
            {"Cat": 2, "cat": 2},
            "classes-differ-by-case: the class folders `Cat` and `cat` differ only by upper and "
            "lower case",
        ),
        ({}, "path-not-found: there is no file or folder `images`"),
        ({"a": 0, "b": 0}, "no-images: none of the 2 class folders holds an image"),
        (
            {"train": 2, "test": 2},
            "parts-not-classes: the folders of `images` are the parts test, train, not classes",
        ),
    ],
)
def test_folders_that_are_no_classes(images: Make, counts: dict[str, int], expected: str) -> None:
    root = images(counts)
    assert refused(root, section("ImageFolder", {"path": "images"})) == [expected]


def test_names_need_not_be_utf_8(images: Make) -> None:
    import os

    root = images({"a": 2, "b": 2})
    os.rename(root / "images/a/0.png", os.fsencode(root / "images/a") + b"/\xff.png")
    for cache in ("memory", "none"):
        data = section("ImageFolder", {"path": "images"}, batch_size=2, cache=cache)
        assert len(everything(opened(root, data)[0].train)[1]) == 4


def test_names_of_classes_must_be_utf_8(images: Make) -> None:
    root = images({"a": 3, "b": 3})
    try:
        os.rename(root / "images/b", os.fsencode(root / "images") + b"/\xff")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    said = refused(root, section("ImageFolder", {"path": "images"}))
    expected = "the name of the class folder `\\udcff` is not UTF-8 text"
    assert said == [f"class-name-not-utf-8: {expected}"]


def test_images_of_different_sizes_need_a_size(tmp_path: Path) -> None:
    for number, label in enumerate("ab"):
        write_image(tmp_path / label / "1.png", np.zeros((4 + number, 4, 3), np.uint8))
    assert refused(tmp_path, section("ImageFolder", {"path": "."})) == [
        "image-size-needed: the images have 2 different sizes, so `image_size` must be given"
    ]


def test_validation_can_be_a_folder_of_its_own(images: Make) -> None:
    root = images({"a": 4, "b": 4})
    data = section(
        "ImageFolder",
        {"path": "images", "classes": ("b", "a")},
        validation=source("ImageFolder", {"path": "images"}),
    )
    bundle, _ = opened(root, data)
    assert sorted(everything(bundle.validation)[1].tolist()) == [0] * 4 + [1] * 4
    inputs, targets = everything(bundle.validation)
    assert set(inputs[targets == 0][:, 0, 0, 0].tolist()) == {40, 41, 42, 43}, "b is class 0"


def test_new_files_are_read_as_in_training(images: Make) -> None:
    root = images({"a": 3, "b": 3})
    bundle, _ = opened(
        root, section("ImageFolder", {"path": "images"}, shuffle=False, batch_size=6)
    )
    paths = [root / "images" / name for name in ("a/0.png", "a/1.png", "a/2.png")]
    found = decode_images(paths, bundle.manifest)
    assert np.array_equal(found, everything(bundle.train)[0][:3])
    assert found.dtype == np.float32


def test_real_jpeg_folders(real_data: Path, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(real_data / "cifar10-train.zip") as archive:
        for name in archive.namelist():
            if int(Path(name).stem) % 100 == 0 and name.split("/")[2] in ("cat", "ship", "frog"):
                archive.extract(name, tmp_path)
    arguments = {"path": "cifar10/train"}
    bundle, findings = opened(tmp_path, section("ImageFolder", arguments, validation=0.2))
    assert bundle.facts["class_names"] == ["cat", "frog", "ship"]
    assert bundle.facts["shape"] == [32, 32, 3]
    assert (bundle.train.size, bundle.validation.size, len(findings)) == (120, 30, 0)
    inputs, _ = everything(bundle.train)
    path = next((tmp_path / "cifar10/train/cat").glob("*.jpg"))
    exact = tf.io.decode_jpeg(path.read_bytes()).numpy()
    assert any(
        np.array_equal(exact, image) for image in [*inputs, *everything(bundle.validation)[0]]
    )
