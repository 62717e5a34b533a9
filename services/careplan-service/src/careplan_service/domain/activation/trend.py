"""What was measured of a person over time, and where it goes (AC-054, PCPC-056)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

CONFIDENCE = {
    "not-at-all-confident": 0, "not-very-confident": 1, "fairly-confident": 2, "very-confident": 3,
}  # fmt: skip
"""Steps of the answers to `gp-survey-confidence`. Who does not know gives no step."""


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: `value` is None when it says nothing (a person who does not know)."""

    at: datetime
    value: Decimal | None
    response: str


@dataclass(frozen=True, slots=True)
class Trend:
    """From the first to the last of two values or more: `change` is the last less the first."""

    first: Point
    last: Point
    change: Decimal

    @property
    def direction(self) -> str:
        """rising, falling or steady."""
        return "rising" if self.change > 0 else "falling" if self.change < 0 else "steady"


def trend(points: Sequence[Point]) -> Trend | None:
    """The trend of points that are in order of time; None with less than two values."""
    valued = [(point, point.value) for point in points if point.value is not None]
    if len(valued) < 2:
        return None
    (first, begun), (last, ended) = valued[0], valued[-1]
    return Trend(first, last, ended - begun)


def before_and_after(points: Sequence[Point], moment: datetime) -> tuple[Point | None, Point | None]:
    """The last point before a moment, such as when a tool was given, and the newest from then on."""
    valued = [point for point in points if point.value is not None]
    before = [point for point in valued if point.at < moment]
    after = [point for point in valued if point.at >= moment]
    return before[-1] if before else None, after[-1] if after else None
