"""The pixels of an image file of any format; what TensorFlow decodes wrongly is mended here."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from modelforge.sniff.image import CHANNELS

HEAD = 64  # bytes: enough to tell the formats apart, and what is asked of them here
_ANIMATION, _ALPHA = 0x02, 0x10  # flags of a WebP file
_BYTES = [bytes([number]) for number in range(256)]


def decode_any(contents: Any, color_mode: str) -> Any:
    """A uint8 tensor [height, width, channels]; of an animation, its first picture.

    It has the channels that the format can give; grey images stay grey if they may.
    """
    head = head_of(contents)
    channels = 0 if color_mode == "rgba" else CHANNELS[color_mode]
    image = tf.case(
        [
            (is_webp(head), lambda: tf.io.decode_webp(_with_alpha_told(contents, head))[0]),
            (is_gif(head), lambda: tf.io.decode_gif(contents)[0]),
            (is_bmp(head), lambda: _decode_bmp(contents, head)),
        ],
        # decode_jpeg cannot give four channels; decode_image asks the file which format it is.
        default=lambda: tf.io.decode_image(contents, channels=channels, expand_animations=False),
    )
    return tf.ensure_shape(image, (None, None, None))


def head_of(contents: Any) -> Any:
    """The first bytes, with zeros where there are none: `substr` fails beyond the end."""
    return tf.strings.join([tf.strings.substr(contents, 0, HEAD), bytes(HEAD)])


def is_webp(head: Any) -> Any:
    """Whether a file that begins so is a WebP image."""
    # A regular expression would not do: its `.` is a letter of UTF-8, and sizes are any bytes.
    return tf.logical_and(starts(head, b"RIFF"), starts(head, b"WEBP", 8))


def is_gif(head: Any) -> Any:
    """Whether a file that begins so is a GIF image."""
    return starts(head, b"GIF")


def is_bmp(head: Any) -> Any:
    """Whether a file that begins so is a BMP image."""
    return starts(head, b"BM")


def starts(head: Any, mark: bytes, at: int = 0) -> Any:
    """Whether these bytes stand at this place."""
    return tf.strings.substr(head, at, len(mark)) == mark


def number_at(head: Any, at: int, count: int) -> Any:
    """The number in so many bytes, the lowest first: int64."""
    digits = tf.cast(tf.io.decode_raw(tf.strings.substr(head, at, count), tf.uint8), tf.int64)
    return tf.reduce_sum(digits * tf.constant([256**place for place in range(count)], tf.int64))


def _with_alpha_told(webp: Any, head: Any) -> Any:
    """The same image; an animated one says that it has transparency.

    TensorFlow 2.21 asks this flag for three or four channels, and the decoder of animations then
    writes four: without it, over the end of the memory.
    """
    flags = number_at(head, 20, 1)
    is_animated = tf.logical_and(starts(head, b"VP8X", 12), flags // _ANIMATION % 2 == 1)

    def told() -> Any:
        flag = tf.gather(_BYTES, tf.bitwise.bitwise_or(flags, tf.constant(_ALPHA, tf.int64)))
        rest = tf.strings.substr(webp, 21, tf.strings.length(webp))
        return tf.strings.join([tf.strings.substr(webp, 0, 20), flag, rest])

    return tf.cond(is_animated, told, lambda: webp)


def _decode_bmp(contents: Any, head: Any) -> Any:
    """The pixels; a palette is looked up, which TensorFlow leaves to its caller without a word."""
    is_compressed = tf.logical_and(number_at(head, 30, 4) > 0, number_at(head, 30, 4) < 3)
    unread = tf.debugging.Assert(
        tf.logical_not(is_compressed), ["a BMP image with run-length compression cannot be read"]
    )
    with tf.control_dependencies([unread] if unread is not None else []):
        pixels = tf.io.decode_bmp(contents, channels=0)

    def looked_up() -> Any:
        # Behind the two headers, up to the first pixel. `substr` would fail beyond the end, with a
        # message that holds bytes of the file, which Python cannot make a text of.
        size = tf.cast(tf.strings.length(contents), tf.int64)
        start = tf.minimum(14 + number_at(head, 14, 4), size)
        length = tf.maximum(number_at(head, 10, 4) - start, 0) // 4 * 4
        colors = tf.io.decode_raw(tf.strings.substr(contents, start, length), tf.uint8)
        palette = tf.reshape(colors, (-1, 4))[:, 2::-1]  # blue, green, red, nothing
        return tf.gather(palette, tf.cast(pixels[..., 0], tf.int32))

    return tf.cond(number_at(head, 28, 2) == 8, looked_up, lambda: pixels)
