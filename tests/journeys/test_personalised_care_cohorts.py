"""Who must be offered a personalised care and support plan (paragraphs 5.6 and 5.7)."""

from __future__ import annotations

import httpx
import pytest

from tandem_tests.practice_lists import practice_lists
from tandem_tests.running import EmbeddedTandem

REQUIRED = "personalised-care-required"
PARTS = ("last-12-months-of-life", "anticipatory-care", "care-home-residents")
LAST_MONTHS = ("968211000000101", "Last months of life")
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
CARE_HOME = ("248171000000108", "Lives in care home")


@pytest.mark.requirement("PC-007")
async def test_the_last_twelve_months_of_life_put_a_person_into_the_required_group_with_the_reason(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    person = await practice.register("1936-01-01")
    assert (await practice.identify(REQUIRED)) == {REQUIRED: 0}
    said = await practice.observe(person, LAST_MONTHS, "2020-06-28")
    assert (await practice.identify(REQUIRED)) == {REQUIRED: 1}
    assert await practice.listed(REQUIRED) == [person]
    why = await practice.why(REQUIRED, person)
    assert said in why.references
    assert why.says("Last 12 months of life")


@pytest.mark.requirement("PC-008")
async def test_anticipatory_care_and_a_care_home_make_one_member_with_both_reasons(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    person = await practice.register("1936-01-01")
    conditions = await practice.diagnose(person, COPD, DIABETES)
    home = await practice.observe(person, CARE_HOME, "2020-06-20")
    assert await practice.listed("anticipatory-care") == [person]
    assert await practice.listed("care-home-residents") == [person]
    assert await practice.listed(REQUIRED) == [person], "once"
    why = await practice.why(REQUIRED, person)
    assert why.says("Anticipatory care")
    assert why.says("Care home residents")
    assert why.references >= {home, *conditions}


@pytest.mark.requirement("PC-039")
async def test_the_required_group_is_the_union_of_its_three_cohorts_each_person_once(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    dying, complex_needs, resident, all_three, none = [await practice.register() for _ in range(5)]
    for person in (dying, all_three):
        await practice.observe(person, LAST_MONTHS)
    for person in (complex_needs, all_three):
        await practice.diagnose(person, COPD, DIABETES)
    for person in (resident, all_three):
        await practice.observe(person, CARE_HOME, "2020-06-01")
    required = await practice.listed(REQUIRED)
    union = {person for cohort in PARTS for person in await practice.listed(cohort)}
    assert union == {dying, complex_needs, resident, all_three}
    assert sorted(required) == sorted(union), "each person once"
    assert none not in required
