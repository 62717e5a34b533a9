"""When a service is there: weeks, nights, absences, and the change to and from summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.domain.support_offers.opening_hours import (
    DAY,
    DAYS,
    WEEK,
    hours_faults,
    hours_in_words,
    is_away,
    is_open,
    not_covered,
    span_in_words,
    states_hours,
    weekly_hours,
)
from tandem.clock import LONDON, to_micros


def service(*hours: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "HealthcareService", "availableTime": list(hours), **more}


def from_to(first: str, last: str, *days: str) -> dict[str, Any]:
    times = {"availableStartTime": f"{first}:00", "availableEndTime": f"{last}:00"}
    return {"daysOfWeek": list(days), **times} if days else times


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


OFFICE = service(from_to("09:00", "17:00", *DAYS[:5]))
ALWAYS = service({"allDay": True})
NIGHTS = service(from_to("20:00", "08:00"))


@pytest.mark.parametrize(
    ("held", "moment", "there"),
    [
        (OFFICE, "2020-07-01T09:00+01:00", True),
        (OFFICE, "2020-07-01T08:59:59+01:00", False),
        (OFFICE, "2020-07-01T17:00+01:00", False),
        # The same moment, told in another zone.
        (OFFICE, "2020-07-01T08:00Z", True),
        (OFFICE, "2020-12-01T08:30Z", False),
        (OFFICE, "2020-12-01T09:00Z", True),
        (OFFICE, "2020-07-05T12:00+01:00", False),
        (ALWAYS, "2020-07-05T03:00+01:00", True),
        (NIGHTS, "2020-07-05T03:00+01:00", True),
        (NIGHTS, "2020-07-05T08:00+01:00", False),
        # Sunday night goes on into Monday, across the end of the week.
        (service(from_to("22:00", "06:00", "sun")), "2020-07-06T05:59+01:00", True),
        (service(from_to("22:00", "06:00", "sun")), "2020-07-05T05:59+01:00", False),
        (service(from_to("18:00", "00:00", "mon")), "2020-07-06T23:59+01:00", True),
        (service(from_to("18:00", "00:00", "mon")), "2020-07-07T00:00+01:00", False),
        # The hour that comes twice in October, and the morning after the hour that is left out in March.
        (service(from_to("01:00", "02:00", "sun")), "2020-10-25T00:30Z", True),
        (service(from_to("01:00", "02:00", "sun")), "2020-10-25T01:30Z", True),
        (service(from_to("01:00", "02:00", "sun")), "2020-10-25T02:00Z", False),
        (service(from_to("02:00", "03:00", "sun")), "2020-03-29T01:00Z", True),
        (service(), "2020-07-01T09:00Z", False),
    ],
)
def test_a_service_is_there_in_its_hours_by_the_clocks_of_london(
    held: dict[str, Any], moment: str, there: bool
) -> None:
    assert is_open(held, at(moment)) is there


def test_an_absence_goes_before_the_hours() -> None:
    away = {"description": "Closed for Christmas", "during": {"start": "2020-12-25", "end": "2020-12-26"}}
    held = service({"allDay": True}, notAvailable=[away, {"description": "Ring first"}])
    assert is_open(held, at("2020-12-24T23:59Z"))
    assert not is_open(held, at("2020-12-25T00:00Z"))
    assert not is_open(held, at("2020-12-26T23:59Z"))
    assert is_open(held, at("2020-12-27T00:00Z"))


def test_away_for_a_part_of_a_day_and_throughout_it() -> None:
    first, last = to_micros(at("2020-12-25T00:00Z")), to_micros(at("2020-12-26T00:00Z"))
    halves = [{"during": {"start": "2020-12-25T00:00Z", "end": "2020-12-25T11:59:59.999999Z"}},
              {"during": {"start": "2020-12-25T12:00Z", "end": "2020-12-26"}}]  # fmt: skip
    half = service({"allDay": True}, notAvailable=halves[:1])
    assert is_away(half, first, last, throughout=False)
    assert not is_away(half, first, last, throughout=True)
    assert is_away(service({"allDay": True}, notAvailable=halves), first, last, throughout=True)
    assert not is_away(ALWAYS, first, last, throughout=False)


@pytest.mark.parametrize(
    "hours",
    [
        {}, {"daysOfWeek": ["mon"]}, {"availableStartTime": "09:00:00"}, {"availableEndTime": "09:00:00"},
        from_to("09:00", "09:00"), {"availableStartTime": "9 o'clock", "availableEndTime": "17:00:00"},
        {"allDay": False}, {"allDay": True, "daysOfWeek": ["someday"]},
    ],
)  # fmt: skip
def test_hours_that_cannot_be_read_are_faults(hours: dict[str, Any]) -> None:
    [fault] = hours_faults(service(hours))
    assert (fault.expression or "").startswith("HealthcareService.availableTime[0]")
    assert weekly_hours(service(hours)) == []


def test_an_absence_that_ends_before_it_begins_is_a_fault() -> None:
    wrong = {"during": {"start": "2020-12-26", "end": "2020-12-24"}}
    [fault] = hours_faults(service({"allDay": True}, notAvailable=[{"description": "Ring first"}, wrong]))
    assert fault.expression == "HealthcareService.notAvailable[1].during"


def test_hours_in_words() -> None:
    assert hours_in_words(service({"allDay": True}, from_to("09:00", "17:30", "mon", "tue"))) == [
        "every day all day", "mon, tue 09:00 to 17:30",
    ]  # fmt: skip
    left = not_covered(weekly_hours(OFFICE))
    assert span_in_words(left[0]) == "mon 00:00 to mon 09:00"
    assert span_in_words(left[-1]) == "fri 17:00 to sun 24:00"


_MINUTE = st.integers(0, 1439)
_HOURS = st.builds(
    lambda days, first, last: (days, first, last),
    st.lists(st.sampled_from(DAYS), unique=True, max_size=7), _MINUTE, _MINUTE,
).filter(lambda each: each[1] != each[2])  # fmt: skip


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _there(hours: tuple[list[str], int, int], minute_of_week: int) -> bool:
    """The same by walking from minute to minute of each day that is named."""
    days, first, last = hours
    length = (last - first) % 1440
    for day in days or DAYS:
        begins = DAYS.index(day) * 1440 + first
        if (minute_of_week - begins) % (7 * 1440) < length:
            return True
    return False


@given(st.lists(_HOURS, max_size=4), st.integers(0, 7 * 1440 - 1))
def test_a_week_is_what_its_hours_say_minute_by_minute(hours: list[tuple[list[str], int, int]], minute: int) -> None:
    held = service(*(from_to(_clock(first), _clock(last), *days) for days, first, last in hours))
    moment = datetime(2020, 7, 6, tzinfo=LONDON) + timedelta(minutes=minute)
    assert is_open(held, moment.astimezone(UTC)) is any(_there(each, minute) for each in hours)
    assert states_hours(held) is bool(hours)
    covered = sum(last - first for first, last in weekly_hours(held))
    left = not_covered(weekly_hours(held))
    assert covered + sum(last - first for first, last in left) == WEEK
    assert all(0 <= first < last <= WEEK for first, last in left)
    assert list(hours_faults(held)) == []


def test_day_and_night_together_leave_nothing_open() -> None:
    assert not_covered([*weekly_hours(NIGHTS), *weekly_hours(service(from_to("08:00", "20:00")))]) == []
    assert not_covered(weekly_hours(NIGHTS))[0] == (8 * 3600, 20 * 3600)
    assert len(not_covered(weekly_hours(NIGHTS))) == WEEK // DAY
