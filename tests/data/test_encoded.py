"""Encoded images in a graph: decoded as in training, and what cannot be is told by its number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from modelforge.data.decoding import decode_files
from modelforge.data.encoded import decode_batch
from modelforge.data.images import ImageReading
from modelforge.sniff.image import Unreadable, read_header

PICTURES = Path(__file__).parent / "pictures"
READING = ImageReading(8, 12)


@pytest.fixture(scope="module")
def graph() -> object:
    return tf.function(
        lambda contents: decode_batch(contents, READING),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )


def refusal(graph: object, contents: list[bytes]) -> str:
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        graph(tf.constant(contents))  # type: ignore[operator]
    return str(caught.value)


@pytest.mark.parametrize("mode", ["rgb", "grayscale", "rgba"])
@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_a_batch_of_every_format_is_what_training_sees(mode: str, resize: str) -> None:
    reading = ImageReading(9, 9, mode, resize)
    files = sorted(PICTURES.iterdir())
    if mode == "grayscale":
        files = [file for file in files if file.name != "cmyk.jpg"]
    trained, failures = decode_files([str(file) for file in files], reading)
    decode = tf.function(lambda contents: decode_batch(contents, reading))
    served = decode(tf.constant([file.read_bytes() for file in files]))
    assert failures == []
    assert np.array_equal(served.numpy(), trained)


def test_no_images_are_no_images(graph) -> None:  # type: ignore[no-untyped-def]
    assert graph(tf.constant([], tf.string)).shape == (0, 8, 12, 3)


def test_a_truncated_image_is_told_by_its_number(graph) -> None:  # type: ignore[no-untyped-def]
    whole = (PICTURES / "progressive.jpg").read_bytes()
    png = (PICTURES / "palette.png").read_bytes()
    early = "of the batch ends too early (was it sent only in part?)"
    assert f"image 2 {early}" in refusal(graph, [whole, png, whole[:-30]])
    assert f"image 1 {early}" in refusal(graph, [whole, png[:-30], whole])
    assert "image 0 of the batch is empty" in refusal(graph, [b"", whole])
    nothing = "of the batch is no JPEG, PNG, WebP, GIF or BMP image"
    assert f"image 1 {nothing}" in refusal(graph, [whole, b"<html>"])


@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("grey_alpha.png", 16, (20_000).to_bytes(4, "big") * 2),
        ("still.gif", 6, b"\xff\xff\xff\xff"),
        ("rgb.bmp", 18, (20_000).to_bytes(4, "little") * 2),
        ("rgb.bmp", 18, (20_000).to_bytes(4, "little") + (-20_000 % 2**32).to_bytes(4, "little")),
        ("alpha.webp", 24, b"\xff\xff\x00\xff\xff\x00"),
        ("lossless.webp", 21, b"\xff\xff\xff\x0f"),
        ("lossy.webp", 26, b"\xff\x3f\xff\x3f"),
    ],
)
def test_a_bomb_is_refused_before_it_is_decoded(  # type: ignore[no-untyped-def]
    graph, name: str, at: int, value: bytes, tmp_path: Path
) -> None:
    contents = bytearray((PICTURES / name).read_bytes())
    contents[at : at + len(value)] = value
    (tmp_path / name).write_bytes(contents)
    with pytest.raises(Unreadable, match="more than 50,000,000"):
        read_header(tmp_path / name)
    told = refusal(graph, [bytes(contents)])
    assert "image 0 of the batch has more than 50,000,000 pixels" in told


@pytest.mark.parametrize("path", sorted(PICTURES.iterdir()), ids=lambda path: str(path.name))
def test_training_and_graph_take_the_same_files(  # type: ignore[no-untyped-def]
    graph, path: Path, tmp_path: Path
) -> None:
    """Cut anywhere: either both read the same pixels from what is left, or none reads any."""
    whole = path.read_bytes()
    cut = tmp_path / path.name
    for length in [*range(0, len(whole), max(1, len(whole) // 12)), len(whole) - 1]:
        cut.write_bytes(whole[:length])
        try:
            read_header(cut)
            pixels, failures = decode_files([str(cut)], READING)
            readable = not failures
        except Unreadable:
            readable = False
        if readable:
            assert np.array_equal(graph(tf.constant([whole[:length]]))[0], pixels[0]), length
        else:
            assert refusal(graph, [whole[:length]]), length
