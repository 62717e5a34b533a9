"""How soon a change is expected, so that within six months can be told from later (AC-038)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cohort_service.domain.facts.extract import facts_of
from cohort_service.domain.facts.predictions import PREDICTED_CHANGE, PREDICTED_WITHIN_SIX_MONTHS
from tandem.canonical import SNOMED_CT
from tandem.record_facts.days import day_of
from tandem.record_facts.fact import Fact


def predicted(status: str = "final", when: str | None = "2020-07-01", **prediction: Any) -> dict[str, Fact]:
    outcome = {"coding": [{"system": SNOMED_CT, "code": "161898004"}]}
    assessment: dict[str, Any] = {
        "resourceType": "RiskAssessment", "id": "r", "status": status,
        "prediction": [{"outcome": outcome, **prediction}],
    }  # fmt: skip
    if when is not None:
        assessment["occurrenceDateTime"] = when
    return {fact.code: fact for fact in facts_of(assessment)}


def test_the_outcome_has_its_probability_and_lasts_as_long_as_the_prediction():
    found = predicted(probabilityDecimal=Decimal("62.5"), whenPeriod={"end": "2020-12-31"})
    outcome = found["161898004"]
    assert (outcome.value, outcome.starts, outcome.ends) == (62.5, day_of("2020-07-01"), day_of("2021-01-01"))


@pytest.mark.parametrize(
    ("prediction", "months", "near"),
    [
        ({"whenPeriod": {"start": "2020-07-01", "end": "2021-01-01"}}, 6, "2020-07-01"),
        ({"whenPeriod": {"end": "2021-01-02"}}, 7, "2020-07-02"),
        ({"whenPeriod": {"end": "2021-04-01"}}, 9, "2020-10-01"),
        ({"whenPeriod": {"start": "2020-09-01"}}, 2, "2020-07-01"),
        ({"whenPeriod": {"end": "2020-12"}}, 6, "2020-07-01"),
        ({"whenRange": {"low": {"value": 0, "code": "mo"}, "high": {"value": 6, "code": "mo"}}}, 6, "2020-07-01"),
        ({"whenRange": {"high": {"value": 9, "unit": "months"}}}, 9, "2020-10-01"),
        ({"whenRange": {"high": {"value": 4, "code": "wk"}}}, 1, "2020-07-01"),
    ],
)
def test_how_soon_is_counted_in_months_from_the_assessment(prediction, months, near):
    found = predicted(**prediction)
    assert found[PREDICTED_CHANGE].value == months
    assert found[PREDICTED_CHANGE].starts == day_of("2020-07-01")
    assert found[PREDICTED_WITHIN_SIX_MONTHS].starts == day_of(near)
    assert found[PREDICTED_WITHIN_SIX_MONTHS].ends == found[PREDICTED_CHANGE].ends


@pytest.mark.parametrize(
    "prediction",
    [
        {},
        {"whenPeriod": {"end": "2021-01-01"}, "probabilityDecimal": 0},
        {"whenRange": {"high": {"value": 80, "code": "a"}}},
        {"whenRange": {"high": {"code": "mo"}}},
        {"whenRange": {"high": {"value": 99999999, "code": "mo"}}},
        {"whenRange": {"high": {"value": Decimal("1e400"), "code": "mo"}}},
        {"whenRange": {"low": {"value": Decimal("-1e400"), "code": "d"}}},
        {"whenPeriod": {"end": "9999-12-31"}},
    ],
)
def test_what_says_nothing_of_how_soon(prediction):
    assert set(predicted(**prediction)) == {"161898004"}


def test_an_assessment_without_a_date_or_that_does_not_stand():
    assert set(predicted(when=None, whenPeriod={"end": "2021-01-01"})) == {"161898004"}
    assert predicted("entered-in-error", whenPeriod={"end": "2021-01-01"}) == {}
