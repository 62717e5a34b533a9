"""Dates as a person reads them."""

from __future__ import annotations

from datetime import date

import pytest

from careplan_service.domain.plan_document.plain_words import date_in_words, day_of


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("2020-06-30T23:30:00Z", "1 July 2020", date(2020, 7, 1)),
        ("2016-12-31T23:59:60Z", "31 December 2016", date(2016, 12, 31)),
        ("9999-12-31T23:59:59-14:00", "31 December 9999", date(9999, 12, 31)),
        ("0001-01-01T00:00:00+14:00", "1 January 1", date(1, 1, 1)),
    ],
)
def test_every_moment_that_a_resource_may_hold_has_a_day_in_london(text: str, words: str, day: date) -> None:
    assert (date_in_words(text), day_of(text)) == (words, day)
