"""Learning curves: places, ticks, gaps."""

import re
from xml.etree import ElementTree

import pytest

from modelforge.report.chart import HEIGHT, MOST_POINTS, WIDTH, Line, chart, thinned
from modelforge.report.scale import Scale, round_step, value_scale


def drawing(figure: str) -> ElementTree.Element:
    found = re.search(r"<svg.*</svg>", figure, re.DOTALL)
    assert found
    return ElementTree.fromstring(found.group())


def test_points_lie_where_the_scales_say_and_within_the_picture() -> None:
    svg = drawing(chart("loss", [Line("train", "training", [(1, 1.0), (2, 0.5), (3, 0.0)])]))
    places = [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in svg.iter("circle")]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted(y for _, y in places)  # falling loss: further down
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in places)
    hints = [title.text for title in svg.iter("title")]
    assert hints[1] == "training at epoch 2: 0.5"


def test_a_missing_value_is_a_gap_not_a_zero() -> None:
    points = [(1, 3.0), (2, None), (3, 2.0), (4, 1.0)]
    svg = drawing(chart("loss", [Line("train", "training", points)]))
    (path,) = [p.get("d", "") for p in svg.iter("path") if p.get("class") == "line"]
    assert path.count("M") == 2 and path.count("L") == 1


def test_nothing_to_draw_is_no_figure() -> None:
    assert chart("loss", []) == ""
    assert chart("loss", [Line("train", "training", [(1, None)])]) == ""


def test_a_single_epoch_can_be_drawn() -> None:
    svg = drawing(chart("loss", [Line("train", "training", [(1, 0.3)])]))
    assert len(list(svg.iter("circle"))) == 1


def test_the_best_epoch_is_marked() -> None:
    line = Line("train", "training", [(1, 1.0), (2, 0.5)])
    assert "best.keras is from epoch 2" in chart("loss", [line], 2)
    assert "best.keras" not in chart("loss", [line], 7)


def test_names_from_the_user_are_escaped() -> None:
    figure = chart("<script>", [Line("train", "a<b", [(1, 1.0)])])
    assert "<script>" not in figure and "a<b" not in figure
    assert "&lt;script&gt;" in figure and "a&lt;b" in figure


@pytest.mark.parametrize(
    ("rough", "step"), [(0.3, 0.5), (0.02, 0.02), (7, 10), (1.5, 2), (0, 1.0), (1e-5, 1e-5)]
)
def test_steps_are_round(rough: float, step: float) -> None:
    assert round_step(rough) == pytest.approx(step)


def test_ticks_are_round_and_within_the_scale() -> None:
    assert Scale(0.0, 1.0, 0, 1).ticks() == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert Scale(-0.7, 2.2, 0, 1).ticks() == [0.0, 1.0, 2.0]


def test_a_wide_range_is_logarithmic_and_a_narrow_one_is_not() -> None:
    wide = value_scale([1e-4, 0.02, 3.0], 100, 0)
    assert wide.logarithmic
    assert wide.ticks() == [1e-4, 1e-3, 1e-2, 0.1, 1.0]
    assert not value_scale([0.5, 3.0], 100, 0).logarithmic
    assert not value_scale([0.0, 3.0], 100, 0).logarithmic


def test_shares_end_at_one() -> None:
    assert value_scale([0.9, 1.0], 100, 0).high == 1.0


def test_long_curves_are_thinned_but_keep_both_ends() -> None:
    points = [(epoch, float(epoch)) for epoch in range(1, 5001)]
    kept = thinned(points)
    assert len(kept) <= MOST_POINTS + 1
    assert kept[0] == points[0] and kept[-1] == points[-1]
