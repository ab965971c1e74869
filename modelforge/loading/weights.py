"""The weights in a model file: HDF5 that holds numbers, all of them within the file.

HDF5 can do much more: point to other files, describe arrays that are nowhere. Links are told
apart here without being followed, and no array is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, BinaryIO

import h5py

from modelforge.findings.size import size_text
from modelforge.loading.part import Part
from modelforge.modelfile.doubts import Doubts, shown

RULE = "model-weights"
MAX_ENTRIES = 200_000
OPTIMIZER = ("optimizer", "optimizer_weights")  # the groups of what is not read


def check_weights(file: Part | BinaryIO, size: int, doubts: Doubts) -> int:
    """How many bytes of weights there are, those of the optimizer left out.

    size: how many bytes the file has.
    """
    before = doubts.count
    try:
        with h5py.File(file, "r") as root:
            numbers = dict(_arrays(root, doubts))
    except Exception as error:  # damaged HDF5 raises whatever the library says
        doubts.say(RULE, f"its weights are damaged: {str(error).splitlines()[0][:150]}")
        return 0
    total = sum(numbers.values())
    if total > size and doubts.count == before:
        doubts.say(
            RULE, f"its weights add up to {size_text(total)}, the file has {size_text(size)}"
        )
    return sum(bytes_ for name, bytes_ in numbers.items() if name.split("/")[0] not in OPTIMIZER)


def _arrays(root: h5py.File, doubts: Doubts) -> Iterator[tuple[str, int]]:
    """The names and sizes of all arrays; what is no plain array is a finding."""
    groups: list[tuple[str, Any]] = [("", root)]
    seen = {h5py.h5o.get_info(root.id).addr}
    entries = 0
    while groups:
        prefix, group = groups.pop()
        for key in group:
            name = f"{prefix}{key}"
            entries += 1
            if entries > MAX_ENTRIES:
                doubts.say(RULE, f"its weights have more than {MAX_ENTRIES:,} entries")
                return
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):
                target = getattr(link, "filename", "") or getattr(link, "path", "")
                doubts.say(RULE, f"its weights {shown(name)} are a link to {shown(target)}")
                continue
            found = group.get(key)
            address = h5py.h5o.get_info(found.id).addr
            if address in seen:
                doubts.say(RULE, f"its weights {shown(name)} stand under several names")
                continue
            seen.add(address)
            if isinstance(found, h5py.Group):
                groups.append((f"{name}/", found))
            else:
                yield name, _array(name, found, doubts)


def _array(name: str, found: Any, doubts: Doubts) -> int:
    """The size of an array in memory."""
    if not isinstance(found, h5py.Dataset):
        doubts.say(RULE, f"its weights {shown(name)} are no array")
        return 0
    stored = int(found.id.get_storage_size())
    size = math.prod(found.shape or (0,)) * found.dtype.itemsize if found.shape != () else 0
    size = size or found.dtype.itemsize * int(found.shape == ())
    if found.is_virtual or found.external:
        doubts.say(RULE, f"its weights {shown(name)} lie in another file")
    elif not _is_numbers(found):
        doubts.say(RULE, f"its weights {shown(name)} are no numbers")
    elif stored < size:
        doubts.say(
            RULE,
            f"its weights {shown(name)} claim {size_text(size)}, and {size_text(stored)} are there",
            "Keras stores every number as it is",
        )
    return size


def _is_numbers(found: Any) -> bool:
    dtype = found.dtype
    if dtype.kind in "fiub":
        return bool(dtype.itemsize <= 8)
    # NumPy and HDF5 know no bfloat16 and no float8: Keras says beside the bits what they are.
    return bool(dtype.kind == "V" and dtype.itemsize <= 2 and dtype.names is None)
