"""What is asked of a measure with numbers, days and codes at the edge of what can be written."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.fhir.body import decode

_YEAR = "periodStart=2019-08-01&periodEnd=2020-07-31"
_AGED = "people-aged-75-and-over"


@pytest.fixture
async def practice(metrics: Any) -> Any:
    """The service, with one practice and somebody of 80 registered there."""
    await metrics.organisation("A81001", "practice")
    await metrics.execute(
        "INSERT INTO told_person (patient, version, practice, born, sex, starts, ends, known_from, known_until)"
        " VALUES ('p1', 1, 'A81001', 708000, 'female', 0, 4000000, 0, 4611686018427387904)"
    )
    return metrics


async def refusal(practice: Any, query: str) -> tuple[int, str]:
    """Status, and what it is about."""
    answer = await practice.call("A81001", f"{_YEAR}&{query}", measure=_AGED)
    return answer.status, decode(answer.body)["issue"][0]["expression"][0]


@pytest.mark.parametrize("name", ["appointment-wait", "register-crises", "smr-before-and-after", "smr-offered"])
async def test_what_looks_back_is_counted_over_all_that_may_be_asked_for(practice: Any, name: str) -> None:
    for period in ("periodStart=1900&periodEnd=1900-01-01", "periodStart=1900&periodEnd=9999"):
        assert (await practice.call("A81001", period, measure=name)).status == 200, period


@pytest.mark.parametrize("number", ["1e400", "-1e18", "nan", "1000001"])
@pytest.mark.parametrize("name", ["parameter=age%3D", "targetMinimum=", "targetMaximum="])
async def test_a_number_that_nobody_can_mean_is_not_tried_out(practice: Any, name: str, number: str) -> None:
    assert await refusal(practice, f"{name}{number}") == (400, name.partition("=")[0])


@pytest.mark.parametrize(("age", "counted"), [("-1000000", 1), ("0", 1), ("1000000", 0)])
async def test_an_age_that_nobody_has_is_met_by_everybody_or_by_nobody(practice: Any, age: str, counted: int) -> None:
    answer = await practice.call("A81001", f"{_YEAR}&parameter=age%3D{age}", measure=_AGED)
    assert answer.status == 200, answer.body
    assert decode(answer.body)["group"][0]["population"][0]["count"] == counted


@pytest.mark.parametrize("name", ["home", "provider"])
@pytest.mark.parametrize("code", ["https://x|$1", "https://x|$2", "https://x|a'b $2 '"])
async def test_a_code_that_looks_like_sql_is_a_code_of_nobody(practice: Any, name: str, code: str) -> None:
    answer = await practice.call("A81001", f"{_YEAR}&{name}={code}", measure="smr-offered")
    assert answer.status == 200, answer.body
    assert decode(answer.body)["group"][0]["population"][0]["count"] == 0


async def test_strata_of_nothing_leave_no_empty_list(practice: Any) -> None:
    answer = await practice.call("A81001", _YEAR, measure="patient-survey-experience")
    stratifiers = decode(answer.body)["group"][0]["stratifier"]
    assert [set(each) for each in stratifiers] == [{"code"}, {"code"}]
