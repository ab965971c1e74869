"""Archives that are damaged, or made to fill a disk, a memory or another folder."""

from __future__ import annotations

import os
import pickle
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from filecorpus import attack
from filekit import CONFIG, WEIGHTS, Kit

RULE = "model-archive"
_BLOCK = bytes(1 << 20)


@attack(RULE, "it is empty")
def empty(kit: Kit) -> Path:
    path = kit.path("empty.keras")
    path.write_bytes(b"")
    return path


@attack(RULE, "no zip archive")
def text(kit: Kit) -> Path:
    path = kit.path("text.keras")
    path.write_text("not a model", encoding="utf-8")
    return path


@attack(RULE, "no zip archive")
def pickled(kit: Kit) -> Path:
    path = kit.path("pickled.keras")
    path.write_bytes(pickle.dumps(_Evil(str(kit.canary))))
    return path


class _Evil:
    def __init__(self, canary: str) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, ...]:
        return (os.system, (f"touch {self.canary}",))


@attack(RULE, "no zip archive")
def cut_off(kit: Kit) -> Path:
    path = kit.path("cut_off.keras")
    path.write_bytes(kit.base.read_bytes()[:-100])
    return path


@attack(RULE, "no zip archive")
def trailing(kit: Kit) -> Path:
    path = kit.path("trailing.keras")
    path.write_bytes(kit.base.read_bytes() + b"more")
    return path


@attack(RULE, "damaged")
def flipped(kit: Kit) -> Path:
    content = bytearray(kit.base.read_bytes())
    content[content.index(b'"class_name"') + 3] ^= 4
    path = kit.path("flipped.keras")
    path.write_bytes(bytes(content))
    return path


@attack(RULE, "holds no `config.json`")
def no_config(kit: Kit) -> Path:
    members = kit.members()
    del members[CONFIG]
    return kit.write("no_config.keras", members)


@attack(RULE, "holds no `model.weights.h5`")
def no_weights(kit: Kit) -> Path:
    members = kit.members()
    del members[WEIGHTS]
    return kit.write("no_weights.keras", members)


@attack(RULE, "`model.weights.npz` has a name")
def pickled_weights(kit: Kit) -> Path:
    members = kit.members()
    del members[WEIGHTS]
    return kit.write("npz.keras", {**members, "model.weights.npz": b"x"})


@attack(RULE, "`evil.py` has a name")
def python_file(kit: Kit) -> Path:
    return kit.with_member("python_file.keras", "evil.py", b"raise SystemExit")


@attack(RULE, "`../canary` has a name")
def above(kit: Kit) -> Path:
    return kit.with_member("above.keras", "../canary")


@attack(RULE, "canary` has a name")
def absolute(kit: Kit) -> Path:
    return kit.with_member("absolute.keras", str(kit.canary))


@attack(RULE, "`assets/../../canary` has a name")
def out_of_assets(kit: Kit) -> Path:
    return kit.with_member("out_of_assets.keras", "assets/../../canary")


@attack(RULE, "has a name that Keras does not write")
def backslashes(kit: Kit) -> Path:
    return kit.with_member("backslashes.keras", "assets\\..\\..\\canary")


@attack(RULE, "is a link or a device")
def symbolic_link(kit: Kit) -> Path:
    path = kit.write("symbolic_link.keras", kit.members())
    link = zipfile.ZipInfo("assets/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    return path


@attack(RULE, "holds `config.json` twice")
def twice(kit: Kit) -> Path:
    path = kit.write("twice.keras", kit.members())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(CONFIG, b"{}")
    return path


@attack(RULE, "is encrypted")
def encrypted(kit: Kit) -> Path:
    path = kit.write("encrypted.keras", kit.members())
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\1\2")
    content[at + 8] |= 1
    path.write_bytes(bytes(content))
    return path


@attack(RULE, "is compressed")
def deflated_config(kit: Kit) -> Path:
    return _bomb(kit, "deflated_config.keras", CONFIG)


@attack(RULE, "is compressed")
def deflated_weights(kit: Kit) -> Path:
    return _bomb(kit, "deflated_weights.keras", WEIGHTS)


@attack(RULE, "is compressed")
def deflated_vocabulary(kit: Kit) -> Path:
    return _bomb(kit, "deflated_vocabulary.keras", "assets/layers/string_lookup/vocabulary.txt")


def _bomb(kit: Kit, name: str, member: str) -> Path:
    """600 MB in 600 kB."""
    members = {key: value for key, value in kit.members().items() if key != member}
    path = kit.write(name, members)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(member, "w") as file,
    ):
        for _ in range(600):
            file.write(_BLOCK)
    return path


@attack(RULE, "is compressed")
def other_compression(kit: Kit) -> Path:
    return kit.write("lzma.keras", kit.members(), compression=zipfile.ZIP_LZMA)


@attack(RULE, "is compressed")
def false_size(kit: Kit) -> Path:
    """The list says that a few bytes are there; 100 MB come out."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(_BLOCK) for _ in range(100)) + packer.flush()
    members = {key: value for key, value in kit.members().items() if key != CONFIG}
    path = kit.write("false_size.keras", {**members, CONFIG: packed})
    content = path.read_bytes()
    for mark, at in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        place = content.rindex(mark, 0, content.rindex(CONFIG.encode()) if at == 10 else None)
        content = content[: place + at] + struct.pack("<H", 8) + content[place + at + 2 :]
    path.write_bytes(content)
    return path


@attack(RULE, "lists more than 1,024 members")
def many_members(kit: Kit) -> Path:
    more = {f"assets/{number}": b"" for number in range(1100)}
    return kit.write("many_members.keras", {**kit.members(), **more})


@attack(RULE, "lists more than 1,024 members")
def far_too_many_members(kit: Kit) -> Path:
    more = {f"assets/{number}": b"" for number in range(30_000)}
    return kit.write("far_too_many_members.keras", {**kit.members(), **more})


@attack(RULE, "add up to")
def overlapping(kit: Kit) -> Path:
    """Two members of the list are the same bytes of the file."""
    members = {**kit.members(), "assets/vocabulary.txt": b"x" * 100_000}
    path = kit.write("overlapping.keras", members)
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        start = archive.start_dir
    listed = b""
    content = path.read_bytes()
    entry = content[content.rindex(b"PK\1\2") : content.rindex(b"PK\5\6")]
    for number in range(5):
        listed += entry.replace(b"vocabulary.txt", f"vocabular{number}.txt".encode())
    end = bytearray(content[content.rindex(b"PK\5\6") :])
    old = content[start : content.rindex(b"PK\5\6")]
    count, size = len(infos) + 5, len(old) + len(listed)
    end[8:16] = struct.pack("<HHL", count, count, size)
    path.write_bytes(content[:start] + old + listed + bytes(end))
    return path


@attack(RULE, "`config.json` has 17.0 MiB")
def long_config(kit: Kit) -> Path:
    return kit.with_text("long_config.keras", b" " * (17 << 20))
