"""What a Patient says of the person, and which day a date stands for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.domain.facts.extract import person_of
from cohort_service.domain.facts.person import Person
from tandem.record_facts.days import after_end_of, day_of, last_day_of, months_after

META = {"versionId": "3", "lastUpdated": "2020-07-01T23:30:00.000Z"}
WRITTEN = "2020-07-02"


def person(**content: Any) -> Person:
    return person_of({"resourceType": "Patient", "id": "p", "meta": META, **content})


@pytest.mark.parametrize(
    ("birth", "day"),
    [("1940-05-17", "1940-05-17"), ("1940-05", "1940-05-31"), ("1940-12", "1940-12-31"), ("1940", "1940-12-31")],
)
def test_nobody_is_old_before_they_surely_are(birth, day):
    assert person(birthDate=birth).born == day_of(day)


@pytest.mark.parametrize(
    ("gender", "sex"), [("female", "female"), ("male", "male"), ("other", None), ("unknown", None), (None, None)]
)
def test_sex_is_female_or_male_or_not_known(gender, sex):
    assert person(gender=gender).sex == sex


@pytest.mark.parametrize(
    ("content", "died"),
    [
        ({}, None),
        ({"deceasedBoolean": False}, None),
        ({"deceasedBoolean": True}, WRITTEN),
        ({"deceasedDateTime": "2020-06-30T23:30:00Z"}, "2020-07-01"),
        ({"deceasedDateTime": "2020"}, "2020-01-01"),
    ],
)
def test_a_death_has_a_day(content, died):
    assert person(**content).died == (day_of(died) if died else None)


@pytest.mark.parametrize(
    ("content", "left"),
    [
        ({}, None),
        ({"active": True}, None),
        ({"active": False}, WRITTEN),
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/q"}}]}, WRITTEN),
        ({"link": [{"type": "replaces", "other": {"reference": "Patient/q"}}]}, None),
    ],
)
def test_who_is_no_longer_registered(content, left):
    assert person(**content).left == (day_of(left) if left else None)


def test_days_are_days_in_london():
    assert day_of("1970-01-01") == 0
    assert day_of("2020-06-30T23:30:00Z") == day_of("2020-07-01")
    assert day_of("2020-12-31T23:30:00Z") == day_of("2020-12-31")
    assert day_of("2016-12-31T23:59:60Z") == day_of("2016-12-31")
    assert day_of("9999-12-31T23:59:59-14:00") == day_of("9999-12-31")


def test_a_period_ends_with_its_last_day():
    assert after_end_of({"end": "2020-02"}) == day_of("2020-03-01")
    assert after_end_of({"end": "2020-02-10T09:00:00Z"}) == day_of("2020-02-11")
    assert after_end_of({"start": "2020"}) is after_end_of(None) is None


@pytest.mark.parametrize("text", ["yesterday", "2020-13", "2020-02-30", ""])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        day_of(text)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-24, 24))
def test_months_are_calendar_months(start, months):
    there = date.fromordinal(months_after(day_of(start.isoformat()), months) + date(1970, 1, 1).toordinal())
    assert (there.year * 12 + there.month) - (start.year * 12 + start.month) == months
    assert there.day == start.day or (there.day < start.day and day_of(there.isoformat()) == last_day_of(
        f"{there.year:04d}-{there.month:02d}"
    ))  # fmt: skip
