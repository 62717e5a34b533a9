"""A commissioner is told no small number of people by a run, of the area or of one practice; who cares for them is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tandem.fhir.body import decode
from tandem.fhir.validation import validator
from tandem.small_numbers import MASKED
from tandem_tests.identification_service import COMMISSIONER, NETWORK, PRACTICE, SECOND, Cohorts, values

DAY = date(2020, 6, 1)
HIDDEN = {"extension": [MASKED]}


@pytest.fixture
async def peopled(cohorts: Cohorts) -> Cohorts:
    """Twelve people of one practice, nine of them in a segment and three of these at risk; two of another, in none."""
    for number in range(12):
        at_risk = {"rising_risk": DAY} if number < 3 else {}
        segment = {"anticipatory_care": DAY} if number < 9 else {}
        await cohorts.register(f"p{number}", PRACTICE, **segment, **at_risk)
    for number in range(2):
        await cohorts.register(f"q{number}", SECOND)
    await cohorts.ask(NETWORK, "Group/$identify", [("service", "AC")])
    return cohorts


async def told(cohorts: Cohorts, by: str, query: str, *, operator: bool = False) -> dict[str, Any]:
    """Of the only run what is counted, by name."""
    answer = await cohorts.call(by, f"Group/$runs?{query}", operator=operator)
    found = decode(answer.body)
    assert validator().validate(found, answer.body) == []
    [run] = [each for each in found["parameter"] if each["name"] == "run"]
    counted = {each["cohort"]: each["count"] for each in values(run, "cohort")}
    return {**{name: values(run, name)[0] for name in ("population", "people")}, **counted,
            **{each["stage"]: each["count"] for each in values(run, "stage")}}  # fmt: skip


async def test_the_history_masks_and_rounds_for_a_commissioner(peopled: Cohorts) -> None:
    assert await told(peopled, COMMISSIONER, f"network={NETWORK}") == {
        "population": 15, "people": 10, "anticipatory-care": 10, "rising-risk": HIDDEN,
        "predicted-substantial-change": 0, "segmentation": 10, "stratification": HIDDEN,
    }  # fmt: skip
    second = await told(peopled, COMMISSIONER, f"practice={SECOND}")
    assert (second["population"], second["people"]) == (HIDDEN, 0)


@pytest.mark.parametrize(
    ("by", "operator", "population"), [(NETWORK, False, 14), (PRACTICE, False, 12), (COMMISSIONER, True, 14)]
)
async def test_who_cares_for_the_people_is_told_every_number(
    peopled: Cohorts, by: str, operator: bool, population: int
) -> None:
    asked = f"practice={PRACTICE}" if by == PRACTICE else f"network={NETWORK}"
    found = await told(peopled, by, asked, operator=operator)
    assert (found["population"], found["people"], found["rising-risk"]) == (population, 9, 3)


async def test_the_stages_mask_and_round_for_a_commissioner(peopled: Cohorts) -> None:
    [run] = [each["run"] for each in values(await peopled.ask(NETWORK, "Group/$runs"), "run")]
    shown = {}
    for by, operator in ((COMMISSIONER, False), (COMMISSIONER, True), (NETWORK, False)):
        answer = await peopled.call(by, f"Group/$stages?run={run}", operator=operator)
        stages = {each.pop("stage"): each for each in values(decode(answer.body), "stage")}
        shown[by, operator] = (
            stages["population"]["count"], stages["segmentation"]["count"], stages["stratification"]["count"],
            stages["judgement"]["provisional"],
        )  # fmt: skip
    assert shown[COMMISSIONER, False] == (15, 10, HIDDEN, HIDDEN)
    assert shown[COMMISSIONER, True] == shown[NETWORK, False] == (14, 9, 3, 3)


async def test_a_duty_counts_runs_and_no_people(peopled: Cohorts) -> None:
    """What a commissioner is told of a duty is about the work of practices, so nothing of it is a small number."""
    answers = [await peopled.ask(by, f"Group/$duty?network={NETWORK}&service=AC") for by in (COMMISSIONER, NETWORK)]
    assert answers[0] == answers[1]
    [duty] = [each for each in answers[0]["parameter"] if each["name"] == "duty"]
    assert values(duty, "runsInTwelveMonths") == [1]
    assert "count" not in str(duty)
    assert "people" not in str(duty)
