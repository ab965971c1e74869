"""Damaged specs are accepted or refused with a place: nothing raises, hangs or fills the memory."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.fuzz import Fuzzer, Outcome


def told(outcome: Outcome) -> str:
    return "\n\n".join(f"{what}\n{text[:3000]!r}" for what, text in outcome.wrong[:3])


def test_two_thousand_damaged_specs(tmp_path: Path) -> None:
    outcome = Fuzzer(1, tmp_path).run(2_000)
    # How long each takes is measured by benchmarks/hostile.py; here only what hangs counts.
    outcome.wrong = [pair for pair in outcome.wrong if not pair[0].startswith("took ")]
    assert not outcome.wrong, told(outcome)
    assert outcome.slowest < 20
    assert outcome.memory < 256
    accepted = sum(n for kind, n in outcome.counts.items() if kind.endswith("accepted"))
    assert 30 < accepted < 1_900
