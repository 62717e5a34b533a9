from __future__ import annotations

from datetime import datetime

import pytest

from tandem.clock import to_micros
from tandem.identity.periods import BEGINNING, FOREVER, bounds, period_of


@pytest.mark.parametrize(("text", "low", "high"), [
    ("2020", "2020-01-01T00:00:00+00:00", "2021-01-01T00:00:00+00:00"),
    ("2020-12", "2020-12-01T00:00:00+00:00", "2021-01-01T00:00:00+00:00"),
    ("2020-02", "2020-02-01T00:00:00+00:00", "2020-03-01T00:00:00+00:00"),
    ("2020-03-29", "2020-03-29T00:00:00+00:00", "2020-03-30T00:00:00+01:00"),
    ("2020-07-01T09:00:00Z", "2020-07-01T09:00:00+00:00", "2020-07-01T09:00:01+00:00"),
    ("2020-07-01T09:00:00.25+01:00", "2020-07-01T09:00:00.250000+01:00", "2020-07-01T09:00:00.260000+01:00"),
    ("2020-06-30T23:59:60Z", "2020-06-30T23:59:59+00:00", "2020-07-01T00:00:00+00:00"),
])  # fmt: skip
def test_a_date_spans_its_precision(text: str, low: str, high: str) -> None:
    assert bounds(text) == (to_micros(datetime.fromisoformat(low)), to_micros(datetime.fromisoformat(high)))


@pytest.mark.parametrize("text", ["9999", "9999-12", "9999-12-31"])
def test_the_last_day_there_is_has_no_end(text: str) -> None:
    assert bounds(text)[1] == FOREVER
    assert period_of({"end": text}) == (BEGINNING, FOREVER)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2020-1", "2020-13", "2020-02-30", "2020-01-01T25:00:00Z", "20200101"]
)
def test_other_text_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        bounds(text)


def test_a_period_includes_its_end() -> None:
    assert period_of(None) == (BEGINNING, FOREVER)
    assert period_of({"start": "2020-01-01", "end": "2020-01-02"}) == (bounds("2020-01-01")[0], bounds("2020-01-02")[1])
