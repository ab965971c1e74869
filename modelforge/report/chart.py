"""A learning curve as inline SVG: training and validation of one quantity by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from modelforge.report.numbers import short
from modelforge.report.scale import Scale, round_step, value_scale

WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 34
MOST_POINTS = 200  # more cannot be told apart at this width, and the page stays small


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: its style class (`train`, `validation`), its label, and (epoch, value) points.

    A value of None is a gap.
    """

    style: str
    label: str
    points: Sequence[tuple[int, float | None]]


def chart(
    title: str,
    lines: Sequence[Line],
    best_epoch: int | None = None,
    phases: Sequence[tuple[str, int]] = (),
) -> str:
    """A figure with legend, or an empty string where there is nothing to draw.

    phases: their names, and how many epochs lie before each.
    """
    values = [v for line in lines for _, v in line.points if v is not None]
    epochs = [epoch for line in lines for epoch, _ in line.points]
    if not values:
        return ""
    across = Scale(min(epochs), max(epochs), LEFT, WIDTH - RIGHT)
    up = value_scale(values, HEIGHT - BOTTOM, TOP)
    parts = [*_grid(across, up), *_phases(phases, across), *_best(best_epoch, across)]
    parts += [part for line in lines for part in _curve(line, across, up)]
    note = " <small>(logarithmic)</small>" if up.logarithmic else ""
    drawing = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)} by epoch">'
        + "".join(parts)
        + "</svg>"
    )
    head = f"<figcaption><b>{escape(title)}</b>{note}{_legend(lines)}</figcaption>"
    return f'<figure class="chart">{head}{drawing}</figure>'


def _legend(lines: Sequence[Line]) -> str:
    keys = (
        f'<span class="key {line.style}">{escape(line.label)}</span>'
        for line in lines
        if line.label
    )
    return f'<span class="legend">{"".join(keys)}</span>'


def _grid(across: Scale, up: Scale) -> list[str]:
    parts = []
    for value in up.ticks():
        y = up.place(value)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(
            f'<text class="tick end" x="{LEFT - 7}" y="{y + 3.5:.1f}">{short(value)}</text>'
        )
    bottom = HEIGHT - BOTTOM
    parts.append(f'<path class="axis" d="M{LEFT} {bottom}H{WIDTH - RIGHT}"/>')
    for epoch in _epochs(across):
        x = across.place(epoch)
        parts.append(f'<text class="tick mid" x="{x:.1f}" y="{bottom + 15}">{epoch}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="tick mid" x="{middle}" y="{HEIGHT - 4}">epoch</text>')
    return parts


def _epochs(across: Scale) -> list[int]:
    step = max(1, int(round_step((across.high - across.low) / 6)))
    first = int(across.low)
    rounded = [epoch for epoch in range(0, int(across.high) + 1, step) if epoch >= first]
    # The first epoch is named even where no round number falls on it, unless it would collide.
    return [first, *rounded] if rounded and rounded[0] - first > step / 2 else rounded or [first]


def _phases(phases: Sequence[tuple[str, int]], across: Scale) -> list[str]:
    """A line between the last epoch of a phase and the first of the next."""
    parts = []
    for name, before in phases:
        if across.low <= before < across.high:
            x = across.place(before + 0.5)
            parts.append(
                f'<path class="axis" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}">'
                f"<title>the phase {escape(name)} begins</title></path>"
                f'<text class="tick" x="{x + 3:.1f}" y="{TOP + 8}">{escape(name)}</text>'
            )
    return parts


def _best(epoch: int | None, across: Scale) -> list[str]:
    if epoch is None or not across.low <= epoch <= across.high:
        return []
    x = across.place(epoch)
    return [
        f'<path class="best" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}">'
        f"<title>best.keras is from epoch {epoch}</title></path>"
    ]


def _curve(line: Line, across: Scale, up: Scale) -> list[str]:
    path, pen_down = [], False
    dots = []
    for epoch, value in thinned(line.points):
        if value is None:
            pen_down = False
            continue
        x, y = across.place(epoch), up.place(value)
        path.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = True
        hint = f"{escape(line.label or 'value')} at epoch {epoch}: {short(value)}"
        dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2"><title>{hint}</title></circle>')
    drawn = f'<path class="line" d="{"".join(path)}"/>'
    return [f'<g class="{line.style}">{drawn}{"".join(dots)}</g>']


def thinned(points: Sequence[tuple[int, float | None]]) -> list[tuple[int, float | None]]:
    """At most about MOST_POINTS of the points, evenly spaced, the last one always among them."""
    stride = max(1, -(-len(points) // MOST_POINTS))
    kept = list(points[::stride])
    return kept if not points or kept[-1] == points[-1] else [*kept, points[-1]]
