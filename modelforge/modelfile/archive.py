"""The zip archive that a `.keras` file is: its members, held against what Keras writes."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
from dataclasses import dataclass

from modelforge.findings.size import size_text
from modelforge.modelfile.doubts import Doubts, shown

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
MAX_MEMBERS = 1024
MAX_CONFIG = 16 << 20

_ASSET = re.compile(r"assets/(?:[\w .()+,@=-]+/)*[\w .()+,@=-]*")
_KERAS = ("Keras writes models without compression, under names of its own",)
_END, _END_64 = b"PK\5\6", b"PK\6\7"
_MAX_DIRECTORY = MAX_MEMBERS * 512  # bytes of the list of members


@dataclass(frozen=True, slots=True)
class Archive:
    """What is inside: the configuration as text, and how many bytes the weights have."""

    config: bytes
    weights: int


def read_archive(path: str, doubts: Doubts) -> Archive | None:
    """The configuration of a model file; None after findings. Nothing else of it is read."""
    try:
        if not _bounded_directory(path, doubts):
            return None
        with zipfile.ZipFile(path) as archive:
            before = doubts.count
            _check_members(archive, os.path.getsize(path), doubts)
            if doubts.count > before:
                return None
            with archive.open(CONFIG) as file:
                config = file.read(MAX_CONFIG)
            return Archive(config, archive.getinfo(WEIGHTS).file_size)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, RuntimeError) as error:
        doubts.say("model-archive", f"it is a damaged zip archive: {_first_line(error)}")
    except OSError as error:
        doubts.say("model-archive", f"it cannot be read: {error.strerror or error}")
    except Exception as error:  # zlib, struct and others, each with errors of their own
        doubts.say("model-archive", f"it is a damaged zip archive: {_first_line(error)}")
    return None


def _bounded_directory(path: str, doubts: Doubts) -> bool:
    """Whether the list of members is short: Python would read a list of millions into memory."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 42))
        tail = file.read()
    end = tail[-22:]
    if not end.startswith(_END):
        wrong = "it is no zip archive, as a `.keras` file is" + ("" if size else ": it is empty")
        doubts.say("model-archive", wrong, "the file is cut off, or of another format")
        return False
    length = struct.unpack("<L", end[12:16])[0]
    if length > _MAX_DIRECTORY or (tail[:4] == _END_64 and size < 1 << 31):
        doubts.say("model-archive", f"it lists more than {MAX_MEMBERS:,} members")
        return False
    return True


def _check_members(archive: zipfile.ZipFile, size: int, doubts: Doubts) -> None:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > MAX_MEMBERS:
        doubts.say("model-archive", f"it lists more than {MAX_MEMBERS:,} members")
        return
    twice = {name for name in names if names.count(name) > 1}
    doubts.each("model-archive", (f"it holds {shown(name)} twice" for name in sorted(twice)))
    for name in (CONFIG, WEIGHTS):
        if name not in names:
            doubts.say("model-archive", f"it holds no `{name}`, as a `.keras` file does")
    for member in members:
        reason = _strange(member)
        if reason:
            doubts.say(
                "model-archive", f"its member {shown(member.orig_filename)} {reason}", *_KERAS
            )
    _check_sizes(members, size, doubts)


def _strange(member: zipfile.ZipInfo) -> str:
    """What is wrong with a member; empty where nothing is."""
    name, mode = member.orig_filename, member.external_attr >> 16
    parts = name.split("/")
    if name not in (CONFIG, METADATA, WEIGHTS) and (
        not _ASSET.fullmatch(name) or ".." in parts or "." in parts
    ):
        return "has a name that Keras does not write"
    if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)):
        return "is a link or a device, not a file"
    if member.flag_bits & 0x1:
        return "is encrypted"
    if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
        # Keras reads a member in one go, however small its list says that it is.
        return f"is compressed: {size_text(member.compress_size)} that may become any size"
    return ""


def _check_sizes(members: list[zipfile.ZipInfo], size: int, doubts: Doubts) -> None:
    total = sum(member.file_size for member in members)
    if total > size:
        doubts.say(
            "model-archive",
            f"its members add up to {size_text(total)}, the file has {size_text(size)}",
        )
    config = next((member for member in members if member.filename == CONFIG), None)
    if config is not None and config.file_size > MAX_CONFIG:
        doubts.say(
            "model-archive",
            f"its `{CONFIG}` has {size_text(config.file_size)}, and at most "
            f"{size_text(MAX_CONFIG)} are read",
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
