"""Random layers on random dtypes and policies: what is told is what Keras says and gives."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from modelforge.graph.shapes.known import Result
from tests.graph.dtypes.against_keras import DTYPES, POLICIES, Typed, disagreement
from tests.graph.shapes.against_keras import Case, ours
from tests.graph.shapes.test_random_layers import cases

# As often floats as all others together.
SOME = st.one_of(st.sampled_from(("float32", "float16", "bfloat16")), st.sampled_from(DTYPES))
OWN = st.sampled_from((None, None, None, "float32", "float64", "mixed_float16", "bfloat16"))
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@st.composite
def typed(draw: st.DrawFn) -> Typed:
    """A layer that Keras accepts for its shapes, on a dtype for each of its inputs."""
    case: Case = draw(cases())
    assume(isinstance(ours(case), Result))
    own = draw(OWN)
    if own is not None:
        case = replace(case, arguments={**case.arguments, "dtype": own})
    dtypes = tuple(draw(SOME) for _ in case.shapes)
    return Typed(case, dtypes, draw(st.sampled_from(POLICIES)))


@given(wanted=typed())
@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS, derandomize=True)
def test_random_dtypes_agree_with_what_keras_says(wanted: Typed) -> None:
    assert not disagreement(wanted, traced=False)


@pytest.mark.long
@given(wanted=typed())
@settings(max_examples=1000, deadline=None, suppress_health_check=CHECKS)
def test_many_random_dtypes_agree_with_keras(wanted: Typed) -> None:
    assert not disagreement(wanted)
