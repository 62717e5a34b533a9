"""What was measured over time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from careplan_service.domain.activation.cohorts import PamCohort, is_due
from careplan_service.domain.activation.trend import Point, before_and_after, trend


def point(day: int, value: str | None) -> Point:
    return Point(datetime(2020, 6, day, 12, tzinfo=UTC), Decimal(value) if value else None, f"r{day}")


@pytest.mark.parametrize(
    ("values", "direction", "change"),
    [(("40", "55.5"), "rising", "15.5"), (("55.5", None, "40"), "falling", "-15.5"), (("1", "9", "1"), "steady", "0")],
)
def test_a_trend_is_from_the_first_value_to_the_last(
    values: tuple[str | None, ...], direction: str, change: str
) -> None:
    found = trend([point(day, value) for day, value in enumerate(values, 1)])
    assert found is not None
    assert (found.direction, found.change) == (direction, Decimal(change))


def test_one_value_is_no_trend() -> None:
    assert trend([point(1, "40"), point(2, None)]) is None
    assert trend([]) is None


def test_before_and_after_are_the_nearest_before_and_the_newest_since() -> None:
    points = [point(1, "1"), point(2, "2"), point(3, None), point(5, "3"), point(6, "4")]
    assert before_and_after(points, point(5, "3").at) == (points[1], points[4])
    assert before_and_after(points[:3], point(9, "0").at) == (points[1], None)


def test_a_cohort_is_due_from_its_first_day_or_from_being_listed() -> None:
    policy = PamCohort("c", 1, date(2021, 4, 1), date(2022, 3, 31), "x")
    days = {date(2021, 3, 31): False, date(2021, 4, 1): True, date(2022, 3, 31): True, date(2022, 4, 1): False}
    assert {day: policy.holds_on(day) for day in days} == days
    assert policy.due_since(date(2020, 1, 1)) == date(2021, 4, 1)
    assert policy.due_since(date(2021, 5, 1)) == date(2021, 5, 1)
    assert is_due(date(2021, 4, 1), None)
    assert is_due(date(2021, 4, 1), datetime(2020, 3, 31, 22, 59, tzinfo=UTC))
    assert not is_due(date(2021, 4, 1), datetime(2020, 3, 31, 23, 0, tzinfo=UTC)), "1 April had begun in London"
    assert not is_due(date(2024, 2, 29), datetime(2023, 2, 28, 12, tzinfo=UTC))
