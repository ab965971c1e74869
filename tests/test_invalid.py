"""Every spec in tests/invalid is blamed for what is marked in it, there, and for nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from invalid import harness

from modelforge.findings import Findings


def _prepare(path: str, overrides: Sequence[str], findings: Findings) -> None:
    """Opens the data and builds the model: all that happens before the first step."""
    from modelforge.graph import load
    from modelforge.train.prepare import prepare

    loaded = load(path, overrides, findings)
    findings.stop_on_errors()
    assert loaded is not None
    prepare(loaded, findings)


def _trust(path: str, overrides: Sequence[str], findings: Findings) -> None:
    """Runs the plugins, and builds the model of a spec that passes."""
    from modelforge.build.from_spec import model_of
    from modelforge.build.plugins import run_plugins
    from modelforge.graph import load
    from modelforge.graph.plugins import TRUSTED

    token = TRUSTED.set(run_plugins)
    try:
        loaded = load(path, overrides, findings)
    finally:
        TRUSTED.reset(token)
    if loaded is not None:
        model_of(loaded, findings)


STAGES: dict[str, harness.Stage] = {
    "shapes": _prepare,
    "data": _prepare,
    "plugins": _trust,
    "training": _prepare,
}


@pytest.mark.parametrize("path", harness.cases())
def test_is_blamed_for_what_is_marked(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(harness.FOLDER)
    case = harness.read_case(path)
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    assert case.expected, "an invalid spec must mark what is wrong"
    found = harness.run(case, STAGES)
    assert not harness.differences(case, found), "\n".join(harness.differences(case, found))
    texts = harness.compare_text(case, found)
    if texts is not None:
        assert texts[0] == texts[1]


def test_covers_every_area() -> None:
    areas = Counter(path.split("/")[0] for path in harness.cases())
    assert areas["syntax"] >= 20
    assert areas["variables"] >= 10


def test_a_good_part_has_its_text_recorded() -> None:
    recorded = [p for p in harness.cases() if (harness.FOLDER / p).with_suffix(".out").exists()]
    assert len(recorded) * 3 >= len(harness.cases())
