"""The anticipatory care list: complex needs, rising risk, predicted change; and who is kept off."""

from __future__ import annotations

import httpx
import pytest

from tandem_tests.practice_lists import CARE_ACTIVITY, PracticeLists, practice_lists
from tandem_tests.running import EmbeddedTandem

LIST, RISING = "anticipatory-care", "rising-risk"
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
MODERATE = ("925831000000107", "Moderate frailty")
LIVES_ALONE, HOUSING = ("105529008", "Lives alone"), ("81877007", "Housing problems")
END_OF_LIFE = ("526631000000108", "On end of life care register")


async def predict(practice: PracticeLists, patient: str, months: int) -> str:
    """A risk prediction of substantial change within so many months from 1 July 2020: its reference."""
    made = await practice.client.create({
        "resourceType": "RiskAssessment", "status": "final", "subject": {"reference": f"Patient/{patient}"},
        "occurrenceDateTime": "2020-07-01",
        "prediction": [{
            "outcome": {"text": "Substantial change of needs"}, "probabilityDecimal": 0.6,
            "whenRange": {
                "high": {"value": months, "unit": "mo", "system": "http://unitsofmeasure.org", "code": "mo"}
            },
        }],
    })  # fmt: skip
    return f"RiskAssessment/{made['id']}"


@pytest.mark.requirement("AC-009")
async def test_two_conditions_with_isolation_or_poor_housing_are_rising_risk_and_without_are_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    alone, housed_badly, neither = [await practice.register() for _ in range(3)]
    for person in (alone, housed_badly, neither):
        await practice.diagnose(person, COPD, DIABETES)
    social = await practice.observe(alone, LIVES_ALONE)
    await practice.observe(housed_badly, HOUSING)
    assert (await practice.identify(RISING)) == {RISING: 2}
    assert set(await practice.listed(RISING)) == {alone, housed_badly}
    assert social in (await practice.why(RISING, alone)).references
    assert not (await practice.why(RISING, neither)).member


@pytest.mark.requirement("AC-036")
async def test_multiple_conditions_or_frailty_are_on_the_priority_list_and_one_condition_is_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    several, frail, fit = [await practice.register() for _ in range(3)]
    await practice.diagnose(several, COPD, DIABETES)
    await practice.diagnose(frail, MODERATE)
    await practice.diagnose(fit, COPD)
    assert (await practice.identify(LIST)) == {LIST: 2}
    assert set(await practice.listed(LIST)) == {several, frail}
    assert not (await practice.why(LIST, fit)).member


@pytest.mark.requirement("AC-038")
async def test_a_predicted_change_within_six_months_is_prioritised_and_one_in_nine_is_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    soon, later, none = [await practice.register() for _ in range(3)]
    for person in (soon, later, none):
        await practice.diagnose(person, COPD, DIABETES)
    prediction = await predict(practice, soon, 6)
    await predict(practice, later, 9)
    assert (await practice.identify("predicted-substantial-change")) == {"predicted-substantial-change": 1}
    order = await practice.listed(LIST)
    assert order[0] == soon
    assert set(order[1:]) == {later, none}
    ranks = {each: (await practice.why(LIST, each)).rank for each in order}
    assert ranks == {soon: 40, later: 0, none: 0}
    assert prediction in (await practice.why(LIST, soon)).references


@pytest.mark.requirement("AC-085")
async def test_the_end_of_life_register_keeps_people_off_and_unplanned_admissions_alone_put_nobody_on(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    dying, admitted = await practice.register("1935-01-01"), await practice.register("1960-01-01")
    await practice.diagnose(dying, COPD, DIABETES)
    assert await practice.listed(LIST) == [dying]
    await practice.observe(dying, END_OF_LIFE, "2020-06-25")
    await practice.admit_to_hospital(admitted, "2020-05-01")
    await practice.observe(
        admitted, ("unplanned-admissions-case-register", "On the case register"), "2020-05-03", system=CARE_ACTIVITY
    )
    assert await practice.listed(LIST) == []
    why = await practice.why(LIST, dying)
    assert why.exclusions == ("On the end of life register",)
    assert not (await practice.why(LIST, admitted)).member
    assert (await practice.why(LIST, admitted)).exclusions == ()
