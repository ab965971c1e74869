"""Damaged specs, one after the other, and what must hold of each: see `Outcome`."""

from __future__ import annotations

import resource
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import yaml

from modelforge.findings import Findings, Refused
from modelforge.findings.text import render
from modelforge.graph import load
from tests.generator.spec import make_spec
from tests.hostile.mutate import (
    damaged_bytes,
    damaged_files,
    damaged_overrides,
    damaged_value,
    patched,
    random_text,
    written,
)

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


@dataclass(frozen=True)
class Case:
    """files: texts by name, `spec.yaml` the one to load; overrides: what `--set` says."""

    kind: str
    files: Mapping[str, bytes]
    overrides: tuple[str, ...] = ()

    @property
    def told(self) -> bytes:
        """All of it, for whoever is to find out what was wrong."""
        files = b"\n".join(b"# " + name.encode() + b"\n" + it for name, it in self.files.items())
        overrides = "\n".join(self.overrides).encode(errors="surrogatepass")
        if overrides:
            files += b"\n# --set\n" + overrides
        return files if len(self.files) > 1 or overrides else next(iter(self.files.values()))


class Fuzzer:
    """Makes damaged specs from a seed and holds each against what must be."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._random = Random(seed)
        self._folder = folder
        files = [*REPOSITORY.glob("specs/*.yaml"), *REPOSITORY.glob("tests/invalid/*/*.yaml")]
        self._texts = [path.read_bytes() for path in sorted(files)]
        made = [make_spec(number) for number in range(SEEDS)]
        self._texts += [spec.whole.encode() for spec in made]
        good = [
            path.read_text(encoding="utf-8") for path in sorted(REPOSITORY.glob("specs/*.yaml"))
        ]
        self._values = [yaml.safe_load(text) for text in [*good, *(spec.whole for spec in made)]]
        # A plugin is not trusted here, and nothing else would be said of such a spec.
        self._values = [it for it in self._values if it.keys().isdisjoint(("extends", "plugins"))]
        several = [spec for spec in made if len(spec.files) > 1 and not spec.plugged]
        self._several = [
            {name: yaml.safe_load(text) for name, text in spec.files.items()} for spec in several
        ]

    def run(self, count: int) -> Outcome:
        """So many texts."""
        outcome = Outcome()
        self._hold(outcome, Case("warm", {"spec.yaml": self._texts[0]}))
        outcome.slowest, before = 0.0, _memory()
        for _ in range(count):
            self._hold(outcome, self._damaged())
        outcome.memory = _memory() - before
        return outcome

    def _damaged(self) -> Case:
        random = self._random
        which = random.random()
        if which < 0.3:
            return _alone("bytes", damaged_bytes(random, random.choice(self._texts)))
        if which < 0.6:
            value = damaged_value(random, random.choice(self._values))
            return _alone("values", written(random, value))
        if which < 0.75:
            return Case("extends", damaged_files(random, random.choice(self._several)))
        value = random.choice(self._values)
        if which < 0.85:
            overrides = damaged_overrides(random, value)
            return Case("--set", {"spec.yaml": written(random, value)}, overrides)
        if which < 0.95:
            return _alone("patch", written(random, patched(random, value)))
        return _alone("random", random_text(random))

    def _hold(self, outcome: Outcome, case: Case) -> None:
        for name, content in case.files.items():
            (self._folder / name).parent.mkdir(exist_ok=True)
            (self._folder / name).write_bytes(content)
        kind, text, findings = case.kind, case.told, Findings()
        begin = time.process_time()
        try:
            try:
                loaded = load(str(self._folder / "spec.yaml"), case.overrides, findings)
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


def _alone(kind: str, text: bytes) -> Case:
    return Case(kind, {"spec.yaml": text})


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
