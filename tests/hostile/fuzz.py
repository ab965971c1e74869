"""Damaged specs, one after the other, and what must hold of each: see `Outcome`."""

from __future__ import annotations

import resource
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import yaml

from modelforge.findings import Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import load
from tests.generator.spec import make_spec
from tests.hostile.mutate import damaged_bytes, damaged_value, random_text, written

REPOSITORY = Path(__file__).parent.parent.parent
SEEDS = 60  # generated specs that are damaged, beside those that people wrote
SECONDS = 1.0


@dataclass
class Outcome:
    """How it went: `wrong` holds what must not be, with the text that did it.

    Each text is a spec or is refused with findings that all have a place; nothing is raised, and
    nothing takes longer than a second of processor time. memory: what the process grew by, in MiB.
    """

    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    wrong: list[tuple[str, bytes]] = field(default_factory=list)
    memory: float = 0.0


class Fuzzer:
    """Makes damaged specs from a seed and holds each against what must be."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._random = Random(seed)
        self._path = folder / "spec.yaml"
        files = [*REPOSITORY.glob("specs/*.yaml"), *REPOSITORY.glob("tests/invalid/*/*.yaml")]
        self._texts = [path.read_bytes() for path in sorted(files)]
        made = [make_spec(number) for number in range(SEEDS)]
        self._texts += [spec.whole.encode() for spec in made]
        good = [
            path.read_text(encoding="utf-8") for path in sorted(REPOSITORY.glob("specs/*.yaml"))
        ]
        self._values = [yaml.safe_load(text) for text in [*good, *(spec.whole for spec in made)]]
        self._values = [value for value in self._values if "extends" not in value]

    def run(self, count: int) -> Outcome:
        """So many texts."""
        outcome = Outcome()
        self._hold(outcome, "warm", self._texts[0])
        outcome.slowest, before = 0.0, _memory()
        for _ in range(count):
            kind, text = self._damaged()
            self._hold(outcome, kind, text)
        outcome.memory = _memory() - before
        return outcome

    def _damaged(self) -> tuple[str, bytes]:
        which = self._random.random()
        if which < 0.4:
            return "bytes", damaged_bytes(self._random, self._random.choice(self._texts))
        if which < 0.9:
            value = damaged_value(self._random, self._random.choice(self._values))
            return "values", written(self._random, value)
        return "random", random_text(self._random)

    def _hold(self, outcome: Outcome, kind: str, text: bytes) -> None:
        self._path.write_bytes(text)
        findings = Findings()
        begin = time.process_time()
        try:
            try:
                loaded = load(str(self._path), (), findings)
            except Refused as refused:
                loaded = None
                findings.extend(refused.findings)
            shown = render(findings)
        except Exception:
            outcome.wrong.append((traceback.format_exc(limit=-4), text))
            return
        taken = time.process_time() - begin
        outcome.slowest = max(outcome.slowest, taken)
        outcome.counts[f"{kind} {'accepted' if loaded else 'refused'}"] += 1
        wrong = [f"no place: {f.rule}: {f.message}" for f in findings if f.span is None]
        if loaded is None and not findings.errors:
            wrong.append("refused without a word")
        if taken > SECONDS:
            wrong.append(f"took {taken:.1f} s")
        if "\x1b" in shown:
            wrong.append("an escape sequence reaches the terminal")
        outcome.wrong += [(what, text) for what in wrong]


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
