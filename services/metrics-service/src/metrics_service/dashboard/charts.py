"""Charts as SVG, each beside a table that says the same. Colours and lines are in the stylesheet.

A chart is one image to a screen reader, with a title and a description (https://www.w3.org/TR/svg-aam-1.0/).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Final

from markupsafe import Markup, escape

from metrics_service.dashboard.drawing import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Scale,
    axis,
    image,
    ticks,
    upright,
)
from metrics_service.dashboard.numbers import plain
from metrics_service.dashboard.page import Band, Row
from metrics_service.domain.comparison import ALARM, WARNING, Funnel

_CURVE: Final = 40


def trend_chart(title: str, unit: str, points: Sequence[Row], band: Band | None) -> Markup | None:
    """A line over periods with the target as a band; None when there are fewer than two figures."""
    known = [(place, row.shown.number) for place, row in enumerate(points) if row.shown.number is not None]
    if len(known) < 2:
        return None
    ends = [end for end in (band.minimum, band.maximum) if end is not None] if band else []
    y = upright([number for _, number in known] + ends)
    x = Scale(0, max(len(points) - 1, 1), LEFT + 12, WIDTH - RIGHT - 12)
    parts = [_band(band, y), axis(y, unit), _names([row.name for row in points], x)]
    for run in _runs(known):
        line = " ".join(f"{x(place)},{y(number)}" for place, number in run)
        parts.append(Markup('<polyline class="chart-line" points="{}"/>').format(line))
    parts += [
        Markup('<circle class="chart-point" cx="{}" cy="{}" r="5"/>').format(x(place), y(number))
        for place, number in known
    ]
    first, last = points[known[0][0]], points[known[-1][0]]
    told = f"From {first.shown.value} in {first.name} to {last.shown.value} in {last.name}."
    if band:
        told += f" The target is {band.text}."
    return image("trend", title, told, parts)


def funnel_chart(
    title: str, unit: str, funnel: Funnel, rows: Sequence[Row], peers: Sequence[tuple[float, float]],
    name: str = "funnel",
) -> Markup | None:
    """Figures by their denominators, with limits of chance around the centre; None for fewer than three figures."""
    own = [(row.shown.denominator, row.shown.number) for row in rows if row.shown.number is not None]
    placed = [(below, value) for below, value in own if below and value is not None]
    others = [(below, value) for below, value in peers if below]
    if len(placed) + len(others) < 3:
        return None
    most = max(below for below, _ in (*placed, *others)) * 1.05
    least = max(1.0, min(below for below, _ in (*placed, *others)) * 0.5)
    x = Scale(0, most, LEFT, WIDTH - RIGHT)
    edges = [each for each in funnel.limits(least * 2, WARNING) if each != float("inf")]
    y = upright([value for _, value in (*placed, *others)] + [funnel.centre, *edges])
    parts = [
        axis(y, unit), _across(x),
        *(_limit(funnel, deviations, side, x, y, least, most) for deviations in (WARNING, ALARM) for side in (0, 1)),
        Markup('<line class="chart-centre" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
            x(0), x(most), y(funnel.centre), y(funnel.centre)
        ),
        *(Markup('<circle class="chart-peer" cx="{}" cy="{}" r="4"/>').format(x(b), y(v)) for b, v in others),
        *(Markup('<circle class="chart-point" cx="{}" cy="{}" r="5"/>').format(x(b), y(v)) for b, v in placed),
    ]  # fmt: skip
    beyond = sum(1 for row in rows if row.place and "within" not in row.place)
    told = f"{len(placed)} figures, of which {beyond} lie beyond the limits of chance, and {len(others)} unnamed peers."
    return image(name, title, told, parts)


def _across(x: Scale) -> Markup:
    return Markup("").join(
        Markup('<text class="chart-text" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            min(x(tick), WIDTH - RIGHT - 16), HEIGHT - BOTTOM + 22, plain(tick)
        )
        for tick in ticks(x)
        if tick <= x.high
    ) + Markup('<text class="chart-text" x="{}" y="{}" text-anchor="end">denominator</text>').format(
        WIDTH - RIGHT, HEIGHT - 8
    )


def _names(names: Sequence[str], x: Scale) -> Markup:
    most = 3 if max(map(len, names)) > len("Jan 2020") else 4
    every, last = max(1, ceil(len(names) / most)), len(names) - 1
    return Markup("").join(
        Markup('<text class="chart-text" x="{}" y="{}" text-anchor="{}">{}</text>').format(
            x(place), HEIGHT - BOTTOM + 24, "start" if place == 0 else "end" if place == last else "middle", name
        )
        for place, name in enumerate(names)
        if (last - place) % every == 0
    )


def _band(band: Band | None, y: Scale) -> Markup:
    if band is None:
        return Markup("")
    top = y(band.maximum if band.maximum is not None else y.high)
    bottom = y(band.minimum if band.minimum is not None else y.low)
    return Markup('<rect class="chart-band" x="{}" width="{}" y="{}" height="{}"/>').format(
        LEFT, WIDTH - LEFT - RIGHT, top, max(round(bottom - top, 1), 2)
    )


def _limit(
    funnel: Funnel, deviations: float, side: int, x: Scale, y: Scale, least: float, most: float
) -> Markup:  # fmt: skip
    points = []
    for number in range(_CURVE + 1):
        below = least + (most - least) * number / _CURVE
        value = min(max(funnel.limits(below, deviations)[side], y.low), y.high)
        points.append(f"{x(below)},{y(value)}")
    name = "chart-warning" if deviations == WARNING else "chart-alarm"
    return Markup('<polyline class="{}" points="{}"/>').format(name, escape(" ".join(points)))


def _runs(known: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Points without a gap between them; over a hidden one no line is drawn."""
    runs: list[list[tuple[int, float]]] = []
    for place, number in known:
        if runs and runs[-1][-1][0] == place - 1:
            runs[-1].append((place, number))
        else:
            runs.append([(place, number)])
    return runs
