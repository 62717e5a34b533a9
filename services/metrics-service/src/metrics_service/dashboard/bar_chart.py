"""Bars over years, with a mark on each for what there is to set against it."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from metrics_service.dashboard.drawing import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH, Scale, axis, image, upright
from metrics_service.dashboard.numbers import plain

Bar = tuple[str, float | None, float | None]
"""Its name, its number, and the number of the mark; None where one is not known."""


def bar_chart(name: str, title: str, bars: Sequence[Bar]) -> Markup | None:
    """The chart of the page called `name`; None when no number is known, or all are nought."""
    numbers = [number for _, *both in bars for number in both if number is not None]
    if not any(number for _, number, _ in bars):
        return None
    y = upright(numbers)
    width = (WIDTH - LEFT - RIGHT) / len(bars)
    parts = [axis(y, "")]
    for place, (label, number, mark) in enumerate(bars):
        left = LEFT + width * place
        parts.append(_name(label, left + width / 2))
        if number is not None:
            parts.append(_bar(y, number, left + width * 0.2, width * 0.6))
        if mark is not None:
            parts.append(_mark(y, mark, left + width * 0.1, width * 0.8))
    return image(name, title, " ".join(_told(each) for each in bars), parts)


def _bar(y: Scale, number: float, left: float, width: float) -> Markup:
    return Markup('<rect class="chart-bar" x="{}" width="{}" y="{}" height="{}"/>').format(
        round(left, 1), round(width, 1), y(number), round(y(0) - y(number), 1)
    )


def _mark(y: Scale, number: float, left: float, width: float) -> Markup:
    return Markup('<line class="chart-mark" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        round(left, 1), round(left + width, 1), y(number), y(number)
    )


def _name(text: str, middle: float) -> Markup:
    return Markup('<text class="chart-text" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        round(middle, 1), HEIGHT - BOTTOM + 24, text
    )


def _told(bar: Bar) -> str:
    name, number, mark = bar
    said = "not known" if number is None else plain(number)
    return f"{name}: {said}." if mark is None else f"{name}: {said}, of {plain(mark)}."
