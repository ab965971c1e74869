"""A batch of encoded images inside a graph: checked, and decoded as in training."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from modelforge.data.image_formats import head_of, is_bmp, is_gif, is_webp, number_at, starts
from modelforge.data.images import ImageReading, decode
from modelforge.sniff.image import MOST_BYTES, MOST_PIXELS

_TAIL = 64  # bytes in which the end of a file has to be marked
_PNG = b"\x89PNG\r\n\x1a\n"


def decode_batch(contents: Any, reading: ImageReading) -> Any:
    """A uint8 tensor [images, height, width, channels] from a string tensor [images].

    Each may have another format. The errors are TensorFlow's InvalidArgumentError; what the header
    and the end of a file tell names the image by its number in the batch, counted from 0.
    """

    def decode_one(numbered: tuple[Any, Any]) -> Any:
        number, content = numbered
        with tf.control_dependencies(_checks(number, content)):
            return decode(tf.identity(content), reading)

    return tf.map_fn(
        decode_one,
        (tf.range(tf.size(contents)), contents),
        fn_output_signature=tf.TensorSpec(reading.shape, tf.uint8),
    )


def _checks(number: Any, content: Any) -> list[Any]:
    """What training asks of a file before it decodes it, as operations of the graph."""
    head, size = head_of(content), tf.strings.length(content)
    jpeg, png = starts(head, b"\xff\xd8"), starts(head, _PNG)
    known = tf.reduce_any([jpeg, png, is_gif(head), is_bmp(head), is_webp(head)])
    ended = tf.case(
        [(jpeg, lambda: _has_near_end(content, b"\xff\xd9")),
         (png, lambda: _has_near_end(content, b"IEND"))],
        default=lambda: tf.constant(True),
    )  # fmt: skip
    told = [
        (size > 0, "is empty"),
        (known, "is no JPEG, PNG, WebP, GIF or BMP image"),
        (size <= MOST_BYTES, f"has more than {MOST_BYTES:,} bytes"),
        (ended, "ends too early (was it sent only in part?)"),
    ]
    checks = [_check(holds, number, why) for holds, why in told]
    with tf.control_dependencies(_operations(checks)):
        pixels = _pixels(content, head, jpeg, png)
    checks.append(_check(pixels <= MOST_PIXELS, number, f"has more than {MOST_PIXELS:,} pixels"))
    return _operations(checks)


def _check(holds: Any, number: Any, why: str) -> Any:
    text = tf.strings.format("image {} of the batch " + why, number)
    return tf.debugging.Assert(holds, [text])


def _operations(checks: list[Any]) -> list[Any]:
    return [check for check in checks if check is not None]  # done already, outside of a graph


def _has_near_end(content: Any, mark: bytes) -> Any:
    size = tf.strings.length(content)
    tail = tf.strings.substr(content, tf.maximum(0, size - _TAIL), _TAIL)
    # `regex_full_match` would not do: the bytes of a mark need be no letters of UTF-8.
    found = tf.io.decode_raw(tail, tf.uint8)
    found = tf.concat([found, tf.zeros([len(mark)], tf.uint8)], 0)
    windows = tf.signal.frame(found, len(mark), 1)
    return tf.reduce_any(tf.reduce_all(windows == tf.constant(list(mark), tf.uint8), axis=1))


def _pixels(content: Any, head: Any, jpeg: Any, png: Any) -> Any:
    """Height times width as the header tells them: int64; 0 where it tells neither."""

    def of_jpeg() -> Any:
        shape = tf.io.extract_jpeg_shape(content, output_type=tf.int64)
        return shape[0] * shape[1]

    def of_bmp() -> Any:
        # A height below zero stands for rows from the top down.
        sides = [number_at(head, at, 4) for at in (18, 22)]
        return tf.reduce_prod([tf.minimum(side, 2**32 - side) for side in sides])

    return tf.case(
        [
            (jpeg, of_jpeg),
            (png, lambda: _from_high(head, 16) * _from_high(head, 20)),
            (is_gif(head), lambda: number_at(head, 6, 2) * number_at(head, 8, 2)),
            (is_bmp(head), of_bmp),
            (starts(head, b"VP8X", 12), lambda: _side(head, 24) * _side(head, 27)),
        ],
        # Other kinds of WebP have no more than 16,384 pixels on each side, and tell them in bits.
        default=lambda: _webp_pixels(head),
    )


def _from_high(head: Any, at: int) -> Any:
    """The number in four bytes, the highest first, as PNG has it."""
    digits = [number_at(head, at + place, 1) * 256 ** (3 - place) for place in range(4)]
    return tf.add_n(digits)


def _side(head: Any, at: int) -> Any:
    """A side of a WebP's canvas, which is stored less one."""
    return number_at(head, at, 3) + 1


def _webp_pixels(head: Any) -> Any:
    lossless = number_at(head, 21, 4)
    sides = (lossless % 2**14 + 1) * (lossless // 2**14 % 2**14 + 1)
    lossy = (number_at(head, 26, 2) % 2**14) * (number_at(head, 28, 2) % 2**14)
    return tf.where(starts(head, b"VP8L", 12), sides, lossy)
