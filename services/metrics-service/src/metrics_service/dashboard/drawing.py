"""What charts are drawn with: scales, axes, and the image with its title and description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup

from metrics_service.dashboard.numbers import plain

WIDTH: Final = 640
HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 56
TICKS: Final = 5


@dataclass(frozen=True, slots=True)
class Scale:
    """From numbers to places on the paper."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, number: float) -> float:
        share = (number - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + share * (self.end - self.start), 1)


def image(name: str, title: str, told: str, parts: Sequence[Markup]) -> Markup:
    """A chart of a page; `name` is no other chart's on it."""
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-told">'
        '<title id="{}-title">{}</title><desc id="{}-told">{}</desc>{}</svg>'
    ).format(WIDTH, HEIGHT, name, name, name, title, name, told, Markup("").join(parts))


def upright(numbers: Sequence[float]) -> Scale:
    """From nought, or below it, to the next round number above all of them."""
    least = min((0.0, *numbers))
    each = step(max(numbers) - least)
    low = floor(least / each) * each
    return Scale(low, max(ceil(max(numbers) / each), 1) * each, HEIGHT - BOTTOM, TOP)


def step(reach: float) -> float:
    """1, 2 or 5 times a power of ten, so that there are about five ticks."""
    if reach <= 0:
        return 1.0
    power = 10.0 ** floor(log10(reach / TICKS))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power * TICKS >= reach)


def ticks(scale: Scale) -> list[float]:
    """The numbers that stand beside an axis."""
    each = step(scale.high - scale.low)
    count = round((scale.high - scale.low) / each)
    return [scale.low + each * number for number in range(count + 1)]


def axis(y: Scale, unit: str) -> Markup:
    """Lines across with their numbers at the left."""
    parts = []
    for tick in ticks(y):
        parts.append(
            Markup('<line class="chart-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                LEFT, WIDTH - RIGHT, y(tick), y(tick)
            )
        )
        parts.append(
            Markup('<text class="chart-text" x="{}" y="{}" text-anchor="end">{}</text>').format(
                LEFT - 8, y(tick) + 5, f"{plain(tick)}{'%' if unit == '%' else ''}"
            )
        )
    return Markup("").join(parts)
