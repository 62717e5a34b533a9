"""Before a person is erased: from which day their years count, and whether an order would say who they were."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cohort_service.erasure.grounds import day_of_death
from cohort_service.erasure.named_in_text import names_the_person

SAID = date(2010, 3, 4)
PERSON: dict[str, Any] = {
    "resourceType": "Patient",
    "name": [{"family": "van der Berg", "given": ["Ada-May", "O\u2019Neil"]}, {"text": "Ada Berg"}],
    "identifier": [{"value": "999 000 1234"}, {"value": "RX-7a"}, {"system": "urn:empty"}],
}  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), [
    ({}, None),
    ({"deceasedBoolean": False}, None),
    ({"deceasedBoolean": True}, SAID),
    ({"deceasedDateTime": "2009"}, date(2009, 12, 31)),
    ({"deceasedDateTime": "2009-02"}, date(2009, 2, 28)),
    ({"deceasedDateTime": "2009-02-03"}, date(2009, 2, 3)),
    ({"deceasedDateTime": "2009-06-30T23:30:00Z"}, date(2009, 7, 1)),
])  # fmt: skip
def test_years_count_from_the_last_day_that_a_death_may_mean(given: dict[str, Any], expected: date | None) -> None:
    assert day_of_death({"resourceType": "Patient", **given}, SAID) == expected


@pytest.mark.parametrize("text", [
    "asked by Van der BERG.", "(ada-may) asked", "for O\u2019Neil's sake", "as ada berg wished", "number 9990001234",
    "number 999 000 1234,", "999-000-1234", "see rx-7A", "record p-1.", "RX 7A",
])  # fmt: skip
def test_a_text_that_says_who_it_is_is_found(text: str) -> None:
    assert names_the_person(PERSON, "p-1", text)


@pytest.mark.parametrize("text", ["Order 2020/17", "der Berg", "19990001234", "9990001234x", "map-1 and p-12", ""])
def test_other_texts_are_not(text: str) -> None:
    assert not names_the_person(PERSON, "p-1", text)
