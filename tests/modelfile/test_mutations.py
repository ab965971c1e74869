"""Whatever becomes of a model file by chance: it is opened or refused, without a traceback."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filekit import CONFIG, WEIGHTS, Kit, save_base

from modelforge.findings import Findings, Refused
from modelforge.loading import load_model
from modelforge.modelfile import Doubts, inspect

ROUNDS = int(os.environ.get("MODELFORGE_MUTATIONS", "40"))
ODD = (
    None,
    True,
    -1,
    0,
    1e300,
    float("nan"),
    2**70,
    "",
    "a" * 300,
    "\ud800",
    [],
    {},
    [[]],
    {"a": 1},
)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    folder = tmp_path_factory.mktemp("mutations")
    save_base(folder / "base.keras")
    return Kit(folder, folder / "base.keras")


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with one of its keys."""
    found, stack = [], [value]
    while stack:
        item = stack.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item))
        for key in keys:
            found.append((item, key))
            if isinstance(item[key], dict | list):
                stack.append(item[key])
    return found


def _value(kit: Kit, chance: random.Random) -> Path:
    """A value of the configuration becomes another one."""
    config = kit.config()
    for _ in range(chance.randint(1, 3)):
        places = _places(config)
        container, key = chance.choice(places)
        other, name = chance.choice(places)
        container[key] = chance.choice([*ODD, json.loads(json.dumps(other[name]))])
    return kit.with_text("value.keras", json.dumps(config).encode("utf-8", "replace"))


def _key(kit: Kit, chance: random.Random) -> Path:
    """A key of the configuration disappears."""
    config = kit.config()
    container, key = chance.choice(_places(config))
    del container[key]
    return kit.with_config("key.keras", config)


def _bytes(kit: Kit, chance: random.Random) -> Path:
    """Bytes of the file are other ones, or are missing."""
    content = bytearray(kit.base.read_bytes())
    for _ in range(chance.randint(1, 4)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path = kit.path("bytes.keras")
    end = chance.choice([len(content), chance.randrange(len(content))])
    path.write_bytes(bytes(content[:end]))
    return path


def _text(kit: Kit, chance: random.Random) -> Path:
    """Bytes of the configuration are other ones."""
    text = bytearray(kit.members()[CONFIG])
    for _ in range(chance.randint(1, 4)):
        text[chance.randrange(len(text))] = chance.randrange(256)
    return kit.with_text("text.keras", bytes(text))


def _weights(kit: Kit, chance: random.Random) -> Path:
    """Bytes of the weights are other ones; the archive's checksum is right."""
    weights = bytearray(kit.members()[WEIGHTS])
    for _ in range(chance.randint(1, 4)):
        weights[chance.randrange(len(weights))] = chance.randrange(256)
    return kit.write("weights.keras", {**kit.members(), WEIGHTS: bytes(weights)})


@pytest.mark.parametrize(
    "mutate", [_value, _key, _bytes, _text, _weights], ids=lambda it: it.__name__
)
@pytest.mark.filterwarnings("ignore")
def test_mutations(mutate: Callable[[Kit, random.Random], Path], kit: Kit) -> None:
    for seed in range(ROUNDS):
        path = mutate(kit, random.Random(seed))
        findings = Findings()
        inspect(str(path), Doubts(str(path), findings))
        for finding in findings:
            finding.message.encode("utf-8")
        try:
            load_model(str(path))
        except Refused as refused:
            assert refused.findings, seed
