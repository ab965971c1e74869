"""One text beside the root of an HDF5 file, read without the HDF5 library and NumPy.

That is where Keras keeps the configuration of a model in the old format. Enough of the format
(HDF5 File Format Specification, version 3.0: superblock 0 and 1, object header 1, attributes,
global heap) for what Keras and h5py write; anything else is NoHDF5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CONTINUED, _ATTRIBUTE = 0x10, 0x0C  # types of messages
_FIXED_TEXT, _OF_ANY_LENGTH = 3, 9  # classes of datatypes
_MAX_BLOCKS = 1_000
_MAX_BLOCK = 1 << 20


class NoHDF5(Exception):
    """The file is not of the form that Keras writes; the message says why."""


class _Attribute(NamedTuple):
    name: str
    datatype: bytes
    value: bytes


def root_text(file: BinaryIO, name: str, most: int) -> bytes | None:
    """The text of an attribute of the root group; None where it has no such one; raises NoHDF5.

    most: how many bytes it may have.
    """
    try:
        for attribute in _attributes(file):
            if attribute.name == name:
                return _text(file, attribute, most)
    except (struct.error, IndexError, UnicodeDecodeError, OverflowError, ValueError):
        raise NoHDF5("its parts do not fit together") from None
    return None


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    if size > _MAX_BLOCK:
        raise NoHDF5("a part of it is larger than any that Keras writes")
    file.seek(start)
    found = file.read(size)
    if len(found) < size:
        raise NoHDF5("it is cut off")
    return found


def _attributes(file: BinaryIO) -> Iterator[_Attribute]:
    head = _read(file, 0, 16)
    if not head.startswith(_SIGNATURE):
        raise NoHDF5("it does not begin as an HDF5 file does")
    if head[8] not in (0, 1) or (head[13], head[14]) != (8, 8):
        raise NoHDF5("it is of a newer form of HDF5 than Keras writes")
    entry = 56 if head[8] == 0 else 60  # of the root group
    (address,) = struct.unpack("<Q", _read(file, entry + 8, 8))
    version, _, _, _, size = struct.unpack("<BBHLL", _read(file, address, 12))
    if version != 1:
        raise NoHDF5("it is of a newer form of HDF5 than Keras writes")
    blocks, seen = [(address + 16, size)], set[int]()
    while blocks:
        start, size = blocks.pop(0)
        if start in seen or len(seen) > _MAX_BLOCKS:
            raise NoHDF5("its parts do not fit together")
        seen.add(start)
        for kind, content in _messages(_read(file, start, size)):
            if kind == _CONTINUED:
                blocks.append(struct.unpack("<QQ", content[:16]))
            elif kind == _ATTRIBUTE:
                yield _attribute(content)


def _messages(block: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 8 <= len(block):
        kind, size = struct.unpack("<HH", block[at : at + 4])
        yield kind, block[at + 8 : at + 8 + size]
        at += 8 + size


def _attribute(content: bytes) -> _Attribute:
    version, _, *sizes = struct.unpack("<BBHHH", content[:8])
    at = 9 if version == 3 else 8
    parts: list[bytes] = []
    for size in sizes:  # of the name, the datatype, the dataspace
        parts.append(content[at : at + size])
        at += size + (-size % 8 if version == 1 else 0)
    return _Attribute(parts[0].rstrip(b"\0").decode("utf-8"), parts[1], content[at:])


def _text(file: BinaryIO, attribute: _Attribute, most: int) -> bytes:
    kind = attribute.datatype[0] & 0x0F
    if kind == _FIXED_TEXT:
        (size,) = struct.unpack("<L", attribute.datatype[4:8])
        return attribute.value[:size].rstrip(b"\0")
    if kind != _OF_ANY_LENGTH:
        raise NoHDF5(f"its `{attribute.name}` is no text")
    size, heap, index = struct.unpack("<LQL", attribute.value[:16])
    if size > most:
        raise NoHDF5(f"its `{attribute.name}` has {size:,} bytes, and at most {most:,} are read")
    return _from_heap(file, heap, index, size)


def _from_heap(file: BinaryIO, heap: int, index: int, size: int) -> bytes:
    head = _read(file, heap, 16)
    if not head.startswith(b"GCOL"):
        raise NoHDF5("its parts do not fit together")
    (whole,) = struct.unpack("<Q", head[8:16])
    at = heap + 16
    for _ in range(_MAX_BLOCKS):
        if at + 16 > heap + whole:
            break
        number, _, _, length = struct.unpack("<HHLQ", _read(file, at, 16))
        if number == index:
            if length < size:
                break
            file.seek(at + 16)
            return file.read(size)
        if number == 0:
            break
        at += 16 + length + (-length % 8)
    raise NoHDF5("its parts do not fit together")
