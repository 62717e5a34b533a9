"""What a commissioner is shown of a count, and that nobody who cares for the people is shown less than all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics_service.domain.small_numbers import Count, disclosed
from tandem.fhir.body import decode
from tandem.fhir.validation import validator
from tandem.small_numbers import MASKED

PERIOD = "periodStart=2020-07-01&periodEnd=2020-07-31&organisation=A81001"


@pytest.mark.parametrize(("count", "people", "shown"), [
    (0, 0, (0, 0)), (1, 1, None), (7, 7, None), (8, 8, (10, 10)), (12, 12, (10, 10)), (13, 13, (15, 15)),
    (100, 7, None), (101, 98, (100, 100)),
])  # fmt: skip
def test_the_rule(count, people, shown):
    assert disclosed(Count(count, people)) == (None if shown is None else Count(*shown))


@given(st.integers(0, 10_000).flatmap(lambda count: st.tuples(st.just(count), st.integers(min(count, 1), count))))
def test_what_is_shown_is_never_small_and_never_far_off(counted):
    shown = disclosed(Count(*counted))
    if shown is not None:
        for given_out, true in zip((shown.count, shown.people), counted, strict=True):
            assert given_out == 0 or given_out > 7
            assert abs(given_out - true) <= 2


@pytest.fixture
async def area(metrics, events):
    """Nine people of a practice with an action each, two with a referral; the practice's network and commissioner."""
    for code, kind in (("A81001", "practice"), ("U10001", "network"), ("16C", "commissioner")):
        await metrics.organisation(code, kind)
    await metrics.member("U10001", "A81001")
    await metrics.member("16C", "A81001")
    seen = "2020-07-10T10:00:00+00:00"
    for number in range(9):
        await metrics.patient(f"p{number}", "A81001")
        await metrics.take(events.resource("Task", f"t{number}", 1, seen, f"p{number}", status="requested"))
    for number in range(2):
        await metrics.take(events.resource("ServiceRequest", f"r{number}", 1, seen, f"p{number}", status="active"))
    return metrics


async def populations(area, caller, *, operator=False):
    answer = await area.call(caller, PERIOD, operator=operator)
    report = decode(answer.body)
    assert validator().validate(report, answer.body) == []
    return {each["code"]["coding"][0]["code"]: each for each in report["group"][0]["population"]}


async def test_a_commissioner_sees_no_small_number(area):
    shown = await populations(area, "16C")
    assert shown["actions-opened"]["count"] == 10
    assert shown["actions-opened"]["extension"][0]["valueUnsignedInt"] == 10
    assert shown["plans-opened"]["count"] == 0
    assert shown["referrals-opened"] == {
        "code": shown["referrals-opened"]["code"], "_count": {"extension": [MASKED]},
    }  # fmt: skip


@pytest.mark.parametrize(("caller", "operator"), [("A81001", False), ("U10001", False), ("16C", True)])
async def test_who_cares_for_the_people_sees_every_number(area, caller, operator):
    shown = await populations(area, caller, operator=operator)
    assert (shown["actions-opened"]["count"], shown["referrals-opened"]["count"]) == (9, 2)
