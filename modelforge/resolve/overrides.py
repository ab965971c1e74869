"""`--set path=value`: one override, as it is written."""

from __future__ import annotations

from functools import lru_cache

from modelforge.document import Mapping, parse_value
from modelforge.findings import Findings, Source, Span
from modelforge.resolve.later import Wanted, put
from modelforge.resolve.paths import FirstArgument, place_in, steps_of

NAME = "--set"


def override(
    root: Mapping,
    text: str,
    findings: Findings,
    first_argument: FirstArgument,
    later: list[Wanted] | None = None,
) -> Mapping:
    """The spec with one override applied; unchanged after a finding.

    later: takes an override that may lead to a layer still to be made.
    """
    source = _source(text)
    path, equals, _ = text.partition("=")
    steps = steps_of(path)
    if not equals or not path.strip() or any(not step.text for step in steps):
        findings.error(
            "override",
            "an override is written `path=value`",
            Span(source, 1, 1, 1, max(len(path), 1) + 1),
            notes=["for example `train.epochs=5` or `model.layers.head.Dense.units=10`"],
        )
        return root
    value = parse_value(source, len(path) + 1, findings)
    if value is None:
        return root
    return put(root, Wanted(path, value, place_in(source)), findings, first_argument, later)


# One and the same where a spec is read again once its data is known: a finding counts once.
@lru_cache(maxsize=256)
def _source(text: str) -> Source:
    return Source(NAME, text)
