"""Every kind of image that people have, decoded: real files of Pillow 12 in `pictures/`.

All show the same 24 x 16 pixels: red grows to the right, green downwards, with a red box in the
upper left corner. The animated ones go on with more blue.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from modelforge.data.images import ImageReading, decode

PICTURES = Path(__file__).parent / "pictures"
COLOURED = [
    "alpha.webp",
    "animated.gif",
    "animated.webp",
    "cmyk.jpg",
    "lossless.webp",
    "lossy.webp",
    "palette.bmp",
    "palette.png",
    "progressive.jpg",
    "rgb.bmp",
    "rgba.bmp",
    "rotated.jpg",
    "still.gif",
]
OTHERS = ["bits.png", "grey.bmp", "grey.jpg", "grey16.png", "grey_alpha.png"]


def shown(name: str, mode: str = "rgb") -> np.ndarray:
    contents = (PICTURES / name).read_bytes()
    found: np.ndarray = decode(contents, ImageReading(16, 24, mode)).numpy().astype(int)
    return found


def test_every_picture_is_asked_about() -> None:
    assert sorted(path.name for path in PICTURES.iterdir()) == sorted(COLOURED + OTHERS)


@pytest.mark.parametrize("name", COLOURED)
def test_a_coloured_picture_has_its_colours(name: str) -> None:
    image = shown(name)
    # JPEG and WebP lose a little, palettes of 16 colours more.
    assert np.abs(image[4, 5] - [250, 20, 20]).max() < 60, "the red box"
    assert np.abs(image[14, 2] - [22, 238, 128]).max() < 60, "green below"
    assert np.abs(image[14, 22] - [244, 238, 128]).max() < 60, "and yellow on its right"


@pytest.mark.parametrize("name", COLOURED + OTHERS)
@pytest.mark.parametrize(("mode", "channels"), [("grayscale", 1), ("rgb", 3), ("rgba", 4)])
def test_every_picture_is_read_in_every_colour_mode(name: str, mode: str, channels: int) -> None:
    if (name, mode) == ("cmyk.jpg", "grayscale"):
        return  # see below
    image = shown(name, mode)
    assert image.shape == (16, 24, channels)
    assert image[..., 0].std() > 20, "it shows something"


def test_a_webp_of_any_size_is_known_to_be_one() -> None:
    # Sizes of 128 bytes and more are no letters of UTF-8: 146 - 8 is 0x8a.
    assert (PICTURES / "lossy.webp").read_bytes()[4] >= 0x80
    assert np.abs(shown("lossy.webp", "grayscale")[14, 2] - 161).max() < 20


def test_an_animation_without_transparency_does_not_end_the_process() -> None:
    contents = (PICTURES / "animated.webp").read_bytes()
    assert contents[20] == 0x02, "animated, and no alpha: what TensorFlow cannot take as it is"
    first = shown("animated.webp")
    for _ in range(20):
        assert np.array_equal(shown("animated.webp"), first)


def test_the_orientation_in_a_camera_file_is_left_alone() -> None:
    """TensorFlow knows nothing of EXIF: what is stored is what is seen, in training and after."""
    assert b"Exif" in (PICTURES / "rotated.jpg").read_bytes()
    assert shown("rotated.jpg")[4, 5, 0] > 190 > 60 > shown("rotated.jpg")[4, 5, 1]


def test_sixteen_bits_become_eight() -> None:
    stored = tf.io.decode_png((PICTURES / "grey16.png").read_bytes(), dtype=tf.uint16).numpy()
    assert stored.max() > 255
    assert np.array_equal(shown("grey16.png", "grayscale"), stored.astype(int) >> 8)


def test_what_cannot_be_read_says_so() -> None:
    """Neither of the two is read as something else: libjpeg makes no grey of CMYK."""
    with pytest.raises(tf.errors.InvalidArgumentError, match="Invalid JPEG data"):
        shown("cmyk.jpg", "grayscale")
    compressed = bytearray((PICTURES / "palette.bmp").read_bytes())
    compressed[30] = 1
    with pytest.raises(tf.errors.InvalidArgumentError, match="run-length compression"):
        decode(bytes(compressed), ImageReading(16, 24))


def test_a_palette_that_ends_too_early_is_an_error() -> None:
    beyond = bytearray((PICTURES / "palette.bmp").read_bytes())
    beyond[16] = 1  # the header says that it is longer than the file
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode(bytes(beyond), ImageReading(16, 24))
    short = bytearray((PICTURES / "palette.bmp").read_bytes())
    short[10:14] = (14 + 40 + 4).to_bytes(4, "little")  # one colour
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode(bytes(short), ImageReading(16, 24))
