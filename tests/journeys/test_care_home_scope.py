"""Who counts as living in a care home, and who does not and why (paragraphs 3.13 and 3.14)."""

from __future__ import annotations

import httpx
import pytest

from tandem_tests.practice_lists import RESIDENCE, practice_lists
from tandem_tests.running import EmbeddedTandem

COHORT = "care-home-residents"
NURSING = ("160734000", "Lives in a nursing home")
RESIDENTIAL = ("394923006", "Lives in a residential home")
CARE_HOME = ("248171000000108", "Lives in care home")
SHORT_STAY = ("temporary-care-home-stay", "Living temporarily in care home")
SECURE_UNIT = ("secure-mental-health-unit", "Lives in a secure unit for mental health")
EXTRA_CARE = ("extra-care-housing", "Lives in extra care housing")
LEARNING_DISABILITY = ("110359009", "Intellectual disability")
DEMENTIA = ("52448006", "Dementia")
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")


@pytest.mark.requirement("EHCH-012")
async def test_permanent_residents_of_every_kind_of_home_are_in_scope_and_a_short_stay_is_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    nursing, residential, learning_disability, dementia, short = [await practice.register() for _ in range(5)]
    await practice.observe(nursing, NURSING, "2019-05-01")
    await practice.observe(residential, RESIDENTIAL, "2020-02-01")
    await practice.diagnose(learning_disability, LEARNING_DISABILITY)
    await practice.observe(learning_disability, CARE_HOME, "2015-01-01")
    await practice.diagnose(dementia, DEMENTIA)
    await practice.observe(dementia, NURSING, "2020-06-01")
    await practice.observe(short, CARE_HOME, "2020-06-20")
    await practice.observe(short, SHORT_STAY, "2020-06-20", system=RESIDENCE)
    assert set(await practice.listed(COHORT)) == {nursing, residential, learning_disability, dementia}
    why = await practice.why(COHORT, short)
    assert not why.member
    assert why.exclusions == ("Is in the care home for a short time only",)


@pytest.mark.requirement("EHCH-013")
async def test_a_secure_unit_is_out_of_scope_with_the_reason(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    person = await practice.register("1975-01-01")
    await practice.observe(person, SECURE_UNIT, "2020-01-10", system=RESIDENCE)
    assert await practice.listed(COHORT) == []
    why = await practice.why(COHORT, person)
    assert not why.member
    assert why.exclusions == ("Lives in a secure unit for mental health",)


@pytest.mark.requirement("EHCH-014")
async def test_extra_care_is_out_of_scope_and_the_person_is_listed_for_another_service(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    person = await practice.register("1940-01-01")
    await practice.observe(person, EXTRA_CARE, "2020-01-10", system=RESIDENCE)
    await practice.diagnose(person, COPD, DIABETES)
    assert await practice.listed(COHORT) == []
    assert (await practice.why(COHORT, person)).exclusions == ("Lives in supported living or extra care housing",)
    assert await practice.listed("anticipatory-care") == [person]
    assert await practice.listed("smr-multimorbidity") == [person]


async def test_who_came_for_a_short_time_and_stays_for_good_comes_into_scope(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    person = await practice.register()
    await practice.observe(person, CARE_HOME, "2020-05-01")
    await practice.observe(person, SHORT_STAY, "2020-05-01", system=RESIDENCE)
    assert await practice.listed(COHORT) == []
    await practice.observe(person, CARE_HOME, "2020-06-15")
    assert await practice.listed(COHORT) == [person]
