"""The size of an image from its first bytes: PNG, JPEG, GIF, BMP and WebP."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
CHANNELS = {"rgb": 3, "grayscale": 1, "rgba": 4}  # by color mode
MOST_PIXELS = 50_000_000
MOST_BYTES = 64 * 2**20
_HEAD = 64 * 1024  # a JPEG's size may stand behind a long block of camera data


class Unreadable(ValueError):
    """The file is no image that can be read; the message says why, without its name."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an image says of itself."""

    format: str
    width: int
    height: int
    channels: int


def read_header(path: Path) -> Header:
    """The header of an image; raises Unreadable for anything that would not decode safely."""
    try:
        size = os.stat(path).st_size
        with open(path, "rb") as file:
            head = file.read(_HEAD)
            file.seek(max(0, size - 64))
            tail = file.read()
            header = _parse(head) or _parse(head + _more(path, len(head)))
    except OSError as error:
        raise Unreadable(f"cannot be opened ({error.strerror})") from error
    if header is None:
        raise Unreadable("is empty" if not head else "is no JPEG, PNG, WebP, GIF or BMP image")
    _check(header, size, tail)
    return header


def _more(path: Path, skip: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(skip)
        return file.read(16 * _HEAD)


def _check(header: Header, size: int, tail: bytes) -> None:
    if header.width < 1 or header.height < 1:
        raise Unreadable("has no pixels")
    if header.width * header.height > MOST_PIXELS:
        raise Unreadable(f"has {header.width} x {header.height} pixels, more than {MOST_PIXELS:,}")
    if size > MOST_BYTES:
        raise Unreadable(f"has {size:,} bytes, more than {MOST_BYTES:,}")
    ends = {"jpeg": b"\xff\xd9", "png": b"IEND"}.get(header.format)
    if ends is not None and ends not in tail:
        raise Unreadable("ends too early (was it copied only in part?)")


def _parse(head: bytes) -> Header | None:
    try:
        for parse in (_png, _jpeg, _gif, _bmp, _webp):
            header = parse(head)
            if header is not None:
                return header
    except (struct.error, IndexError):
        return None  # cut off within the header
    return None


def _png(head: bytes) -> Header | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", head[16:24])
    return Header("png", width, height, {0: 1, 4: 1, 6: 4}.get(head[25], 3))


def _jpeg(head: bytes) -> Header | None:
    if not head.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at < len(head):
        if head[at] != 0xFF:
            return None
        marker = head[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        # The frame headers are C0 to CF without the tables C4, C8 and CC.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return Header("jpeg", width, height, 1 if head[at + 9] == 1 else 3)
        alone = marker == 0x01 or 0xD0 <= marker <= 0xD8
        at += 2 if alone else 2 + struct.unpack(">H", head[at + 2 : at + 4])[0]
    return None


def _gif(head: bytes) -> Header | None:
    if head[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    width, height = struct.unpack("<HH", head[6:10])
    return Header("gif", width, height, 3)


def _bmp(head: bytes) -> Header | None:
    if not head.startswith(b"BM"):
        return None
    width, height = struct.unpack("<ii", head[18:26])
    bits = struct.unpack("<H", head[28:30])[0]
    return Header("bmp", abs(width), abs(height), {8: 1, 32: 4}.get(bits, 3))


def _webp(head: bytes) -> Header | None:
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    kind = head[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(head[24:27], "little")
        height = 1 + int.from_bytes(head[27:30], "little")
        return Header("webp", width, height, 4 if head[20] & 0x10 else 3)
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        alpha = bits >> 28 & 1
        return Header("webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), 4 if alpha else 3)
    width, height = struct.unpack("<HH", head[26:30])
    return Header("webp", width & 0x3FFF, height & 0x3FFF, 3)
