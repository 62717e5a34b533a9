"""When regular support is to be delivered (EHCH-049)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_service.domain.support.occurrences import (
    is_bounded,
    occurrences,
    regular_support_done_by,
    timing_faults,
)

WEDNESDAY = date(2020, 7, 1)


def repeat(**more: Any) -> dict[str, Any]:
    return {"repeat": {"period": 1, "periodUnit": "wk", **more}}


def first_days(timing: dict[str, Any], since: date = WEDNESDAY, many: int = 6) -> list[str]:
    assert not list(timing_faults(timing))
    return [each.first.isoformat() for each in islice(occurrences(timing, since), many)]


@pytest.mark.parametrize(
    ("timing", "days"),
    [
        (repeat(count=3), ["2020-07-01", "2020-07-08", "2020-07-15"]),
        (repeat(dayOfWeek=["mon", "thu"], count=4), ["2020-07-02", "2020-07-06", "2020-07-09", "2020-07-13"]),
        (repeat(periodUnit="d", period=2, count=3), ["2020-07-01", "2020-07-03", "2020-07-05"]),
        (repeat(periodUnit="d", timeOfDay=["09:00", "17:00"], count=3), ["2020-07-01", "2020-07-01", "2020-07-02"]),
        (repeat(boundsPeriod={"start": "2020-06-24", "end": "2020-07-08"}), ["2020-07-01", "2020-07-08"]),
        (repeat(boundsPeriod={"start": "2020-06-24"}, count=2), ["2020-07-01"]),
        (repeat(periodUnit="mo", boundsPeriod={"start": "2020-08-31"}, count=2), ["2020-08-31", "2020-09-30"]),
        ({"event": ["2020-07-20", "2020-07-03", "2020-06-30"]}, ["2020-07-03", "2020-07-20"]),
    ],
)  # fmt: skip
def test_the_days_of_a_series(timing: dict[str, Any], days: list[str]) -> None:
    assert first_days(timing) == days


def test_a_number_a_week_has_the_whole_week() -> None:
    found = list(occurrences(repeat(frequency=2, count=4), WEDNESDAY))
    assert [(each.place, each.last.isoformat()) for each in found] == [
        ("2020-07-01/1", "2020-07-07"), ("2020-07-01/2", "2020-07-07"),
        ("2020-07-08/1", "2020-07-14"), ("2020-07-08/2", "2020-07-14"),
    ]  # fmt: skip


def test_a_delivery_is_due_at_midnight_in_london_also_when_the_clocks_change() -> None:
    dues = [each.due.astimezone(UTC) for each in occurrences({"event": ["2020-10-24", "2020-10-25"]}, WEDNESDAY)]
    assert dues == [datetime(2020, 10, 24, 23, tzinfo=UTC), datetime(2020, 10, 26, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("timing", "fault"),
    [
        ({}, "says when"), ({"code": {"text": "twice a day"}}, "says when"),
        (repeat(periodUnit="h"), "periodUnit"), (repeat(period=1.5), "period"),
        ({"repeat": {"periodUnit": "d"}}, "period"),
        (repeat(boundsDuration={"value": 6, "unit": "wk"}), "boundsDuration"), (repeat(when=["AC"]), "when"),
        (repeat(periodUnit="d", dayOfWeek=["mon"]), "dayOfWeek"), (repeat(frequency=25), "deliveries"),
        ({"event": ["2020-07-03", "9999-12-31"]}, "event"), ({"event": ["0001-01-01T00:00:00+14:00"]}, "event"),
        ({"event": [None], "_event": [{"id": "asked"}]}, "event"), (repeat(dayOfWeek=["mon", None]), "dayOfWeek"),
        (repeat(boundsPeriod={"start": "0001-01-01"}), "boundsPeriod"),
        (repeat(boundsPeriod={"start": "9999-12-31T23:59:59-12:00"}), "boundsPeriod"),
    ],
)  # fmt: skip
def test_what_cannot_be_followed_is_a_fault(timing: dict[str, Any], fault: str) -> None:
    assert any(fault in each for each in timing_faults(timing))


def test_regular_support_is_done_after_its_last_delivery_and_without_end_never() -> None:
    sent = datetime(2020, 7, 1, 8, tzinfo=UTC)
    done = sent + timedelta(days=30)
    assert regular_support_done_by({}, done, sent) == done
    assert regular_support_done_by({"occurrenceTiming": repeat(count=2)}, done, sent) == done
    late = regular_support_done_by({"occurrenceTiming": repeat(count=20)}, done, sent)
    assert late is not None
    assert late.astimezone(UTC) == datetime(2020, 11, 12, tzinfo=UTC)
    assert regular_support_done_by({"occurrenceTiming": repeat()}, done, sent) is None


@pytest.mark.parametrize("end", ["9999", "9999-12-31", "9999-12-31T23:59:59.999-12:00", "2200-01-01"])
def test_bounds_that_end_with_the_calendar_do_not_end(end: str) -> None:
    timing = repeat(boundsPeriod={"start": "2020-07-01", "end": end})
    assert first_days(timing, many=2) == ["2020-07-01", "2020-07-08"]
    assert not is_bounded(timing)


def test_bounds_that_end_with_the_beginning_of_time_hold_nothing() -> None:
    sent = datetime(2020, 7, 1, 8, tzinfo=UTC)
    timing = repeat(boundsPeriod={"end": "0001-01-01T00:00:00+14:00"})
    assert first_days(timing) == []
    assert regular_support_done_by({"occurrenceTiming": timing}, sent, sent) == sent


@given(
    unit=st.sampled_from(["d", "wk", "mo"]), period=st.integers(1, 5), frequency=st.integers(1, 24),
    start=st.dates(date(2019, 1, 1), date(2021, 1, 1)), end=st.dates(date(2019, 6, 1), date(2022, 6, 1)),
    count=st.none() | st.integers(1, 60), days=st.lists(st.sampled_from(["mon", "sun"]), unique=True),
)  # fmt: skip
def test_support_is_done_with_the_last_of_its_deliveries(
    unit: str, period: int, frequency: int, start: date, end: date, count: int | None, days: list[str]
) -> None:
    bounds = {"start": start.isoformat(), "end": end.isoformat()}
    timing = repeat(periodUnit=unit, period=period, frequency=frequency, boundsPeriod=bounds)
    timing["repeat"] |= ({"count": count} if count else {}) | ({"dayOfWeek": days} if unit == "wk" and days else {})
    sent = datetime(2019, 1, 1, 8, tzinfo=UTC)
    dues = [each.due for each in occurrences(timing, sent.date())]
    assert regular_support_done_by({"occurrenceTiming": timing}, sent, sent) == max([sent, *dues])


@given(
    unit=st.sampled_from(["d", "wk", "mo"]), period=st.integers(1, 5), frequency=st.integers(1, 3),
    start=st.dates(date(2019, 1, 1), date(2021, 1, 1)), since=st.dates(date(2019, 6, 1), date(2021, 6, 1)),
    count=st.integers(1, 40),
)  # fmt: skip
def test_a_later_beginning_leaves_out_what_is_over_and_changes_nothing_else(
    unit: str, period: int, frequency: int, start: date, since: date, count: int
) -> None:
    """So that a delivery keeps its name, however often the series is worked out."""
    timing = {"repeat": {
        "periodUnit": unit, "period": period, "frequency": frequency, "count": count,
        "boundsPeriod": {"start": start.isoformat()},
    }}  # fmt: skip
    whole = list(occurrences(timing, date(2019, 1, 1)))
    assert is_bounded(timing)
    assert len(whole) == count == len({each.place for each in whole})
    assert [each.last for each in whole] == sorted(each.last for each in whole)
    assert list(occurrences(timing, since)) == [each for each in whole if each.last >= since]
