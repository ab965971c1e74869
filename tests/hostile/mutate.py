"""Damage: to the text of a spec, byte by byte, and to its values, as people and fuzzers do it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from modelforge.document.write import to_yaml

# Values of every sort, among them the odd ones: boundaries, unicode, what looks like something.
PATHS = (".", "..", "/etc/passwd", "spec.yaml", "nowhere.yaml", "../spec.yaml", "", "a" * 5000)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 2**31, 2**53, -(2**53), 1e-320, 1.5, -0.0, 1e308, 1e300),
    *("", " ", "no", "null", "1e3", "0x10", "${", "${}", "${x}", "${1/0}", "${data.classes}"),
    *("$${", "a" * 300, "é", "\u202e", "\ud7ff", "日本", "🙂", "../x", "/etc/passwd", "a/b", "."),
    *("name", "from", "model", "use", "input", "relu", "Dense", "Lambda", "__class__", "<<"),
    *("${9 ** 9 ** 9}", "${'a' * 10 ** 9}", "${env.HOME}", "${[1, 2][5]}", "${len('x')}"),
    *([], {}, [[]], [{}], {"": 1}, [None], {"a": {}}, ["a", "b"], [1, 2, 3], {"Dense": 1}),
    *({"Dense": {"units": 4}}, {"class_name": "Dense", "config": {}}, [1] * 50, {"L2": 0.1}),
    *({"repeat": 3}, {"parallel": [[], []], "merge": "Add"}, {"for": {"x": [1, 2]}}),
)  # fmt: skip
LITERALS = (
    *(b".nan", b".inf", b"-.inf", b"1e999", b"!!python/object:os.system", b"!!binary x", b"&a"),
    *(b"*a", b"<<: *a", b"9" * 5000, b"0x" + b"f" * 400, b"[" * 70, b"{a: " * 70, b"\x00"),
    *(b"\xff\xfe", b"\xed\xa0\x80", b"\t", b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"---\n", b"...\n"),
    *(b"%YAML 1.1\n", b"? ", b"|\n", b">-\n", b"'", b'"', b"#", b": ", b"- ", b"${", b"}", b"@"),
)  # fmt: skip


def damaged_bytes(random: Random, content: bytes) -> bytes:
    """The text after 1 to 8 changes to its bytes."""
    data = bytearray(content)
    for _ in range(random.randint(1, 8)):
        at = random.randint(0, len(data))
        until = min(len(data), at + random.choice((1, 1, 2, 5, 20, 200)))
        what = random.randrange(6)
        if what == 0:
            data[at:until] = b""
        elif what == 1:
            data[at:at] = random.choice(LITERALS)
        elif what == 2:
            data[at:until] = random.randbytes(random.choice((1, 2, 8)))
        elif what == 3:
            data[at:at] = data[at:until] * random.choice((1, 2, 30))
        elif what == 4 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        else:
            other = random.randint(0, len(data))
            data[other:other] = data[at:until]
    return bytes(data)


def damaged_value(random: Random, value: Any) -> Any:
    """The values after 1 to 5 edits: deleted, doubled, swapped, of another type, renamed."""
    root = copy.deepcopy(value)
    for _ in range(random.randint(1, 5)):
        edit = random.choice(_EDITS)
        places = _places(root)
        if places:
            edit(random, *random.choice(places))
    return root


def damaged_files(random: Random, files: Mapping[str, Any]) -> dict[str, bytes]:
    """Specs that extend each other, some of them damaged, and how they name each other, too."""
    found = {}
    for name, value in files.items():
        if random.random() < 0.5:
            value = damaged_value(random, value)
        if isinstance(value, dict) and random.random() < 0.2:
            value = {**value, "extends": random.choice((*PATHS, *files, [*files] * 3))}
        if isinstance(value, dict) and random.random() < 0.2:
            value = {**value, "without": random.choice((*ODD, paths(random, value, 4)))}
        found[name] = written(random, value)
        if random.random() < 0.05:
            found[name] = damaged_bytes(random, found[name])
    return found


def damaged_overrides(random: Random, value: Any) -> tuple[str, ...]:
    """What `--set` may be given: paths that are there, or nearly, and values of every sort."""
    given = zip(paths(random, value, 3), (_near_value(random) for _ in range(3)), strict=False)
    found = [f"{path}={value}" for path, value in given]
    if random.random() < 0.1:
        found.append(random.choice(("", "=", "a", "a=", "=1", "vars=", ".=1", "a..b=1", "\x00=1")))
    return tuple(found)


def _near_value(random: Random) -> str:
    if random.random() < 0.2:
        return random.choice(LITERALS).decode("utf-8", errors="surrogateescape")
    return json.dumps(random.choice(ODD), ensure_ascii=False)


def patched(random: Random, value: Any) -> Any:
    """A spec with a `patch` over paths that are there, or nearly."""
    changes: Any = {path: random.choice(ODD) for path in paths(random, value, 4)}
    if random.random() < 0.05:
        changes = random.choice(ODD)
    return {**value, "patch": changes}


def paths(random: Random, value: Any, most: int) -> list[str]:
    """Some paths of values, some of them damaged."""
    known = _paths(value) or ["model"]  # where the damage has left nothing
    found = [random.choice(known) for _ in range(random.randint(1, most))]
    return [_near_path(random, path) if random.random() < 0.3 else path for path in found]


def _paths(root: Any) -> list[str]:
    """Every path, through items by number or by their words."""
    found: list[str] = []
    stack = [("", root)]
    while stack:
        path, value = stack.pop()
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            found.append(f"{path}.{key}" if path else str(key))
            if isinstance(item, dict | list):
                stack.append((found[-1], item))
            if isinstance(value, list) and isinstance(item, dict):
                names = [item["name"]] if "name" in item else [*item][:1]
                found += [f"{path}.{name}" for name in names]
    return found


def _near_path(random: Random, path: str) -> str:
    parts = path.split(".")
    at = random.randrange(len(parts))
    edit = random.choice((["-1"], ["99999999999"], [""], ["x"], [parts[at]] * 40, [], ["é\u202e"]))
    parts[at : at + 1] = edit
    return ".".join(parts)


def written(random: Random, value: Any) -> bytes:
    """The values as text: YAML in blocks, or JSON, which is YAML too."""
    text = to_yaml(value) if random.random() < 0.7 else json.dumps(value)
    return text.encode("utf-8", errors="surrogatepass")


def random_text(random: Random) -> bytes:
    """Text out of nothing: bits of YAML, unicode and bytes."""
    parts = (
        b"a",
        b"b: ",
        b"- ",
        b"[",
        b"]",
        b"{",
        b"}",
        b", ",
        b"\n",
        b"\n  ",
        b"\n    ",
        *LITERALS,
    )
    found = b"".join(random.choice(parts) for _ in range(random.randint(1, 60)))
    if random.random() < 0.3:
        points = (random.choice((0x7F, 0xFF, 0xFFFF, 0x10FFFF)) for _ in range(30))
        text = "".join(chr(random.randint(0, top)) for top in points)
        found += text.encode("utf-8", errors="surrogatepass")
    return found


def _places(root: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys."""
    found: list[tuple[Any, Any]] = []
    stack = [root]
    while stack:
        value = stack.pop()
        keys = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in keys:
            found.append((value, key))
            if isinstance(item, dict | list):
                stack.append(item)
    return found


def _delete(random: Random, container: Any, key: Any) -> None:
    del container[key]


def _double(random: Random, container: Any, key: Any) -> None:
    again = copy.deepcopy(container[key])
    if isinstance(container, list):
        container[key:key] = [again] * random.choice((1, 1, 20))
    else:
        container[random.choice(("name", "copy", f"{key}_1", "from", "Dense"))] = again


def _swap(random: Random, container: Any, key: Any) -> None:
    other = random.choice([*container] if isinstance(container, dict) else range(len(container)))
    container[key], container[other] = container[other], container[key]


def _replace(random: Random, container: Any, key: Any) -> None:
    container[key] = copy.deepcopy(random.choice(ODD))


def _near(random: Random, container: Any, key: Any) -> None:
    value = container[key]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        container[key] = [value] if random.random() < 0.5 else {"value": value}
    elif isinstance(value, str):
        container[key] = random.choice(
            (value[:-1], value + "x", value.upper(), value * 20, "${" + value + "}")
        )
    else:
        container[key] = random.choice(
            (-value, value + 1, value * 1_000_003, float(value), str(value))
        )


def _rename(random: Random, container: Any, key: Any) -> None:
    if isinstance(container, dict):
        new = random.choice(
            (f"{key}x", str(key)[:-1], str(key).lower(), str(key).upper(), "", "from", "é", "units")
        )
        container[new] = container.pop(key)


Edit = Callable[[Random, Any, Any], None]
_EDITS: tuple[Edit, ...] = (_delete, _double, _swap, _replace, _replace, _near, _rename)
