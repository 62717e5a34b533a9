"""Who is listed for a structured medication review, by the eight groups of paragraph 2.7, and why."""

from __future__ import annotations

import httpx
import pytest

from tandem.canonical import SNOMED_CT
from tandem.synth.formulary import FORMULARY
from tandem_tests.practice_lists import CARE_ACTIVITY, coded, practice_lists
from tandem_tests.running import EmbeddedTandem

COPD = ("13645005", "Chronic obstructive lung disease")
HEART_FAILURE = ("84114007", "Heart failure")
HOUSEBOUND = ("160689007", "Housebound")
SEVERE, MODERATE = ("925861000000102", "Severe frailty"), ("925831000000107", "Moderate frailty")
FRAILTY_INDEX = ("713636003", "Frailty Index score")
ASSESSMENT = ("comprehensive-geriatric-assessment", "Comprehensive geriatric assessment")
NURSING_HOME = ("160734000", "Lives in a nursing home")


def product(name: str) -> tuple[str, str]:
    """Code and name of a medicine of the synthetic formulary."""
    return FORMULARY[name].code, FORMULARY[name].name


@pytest.mark.requirement("SMR-009")
async def test_a_care_home_resident_is_listed_and_others_are_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    resident, other = await practice.register(), await practice.register()
    said = await practice.observe(resident, NURSING_HOME, "2020-06-20")
    counts = await practice.identify(service="SMR")
    assert counts["smr-care-home-residents"] == 1
    assert await practice.listed("smr-care-home-residents") == [resident]
    why = await practice.why("smr-care-home-residents", resident)
    assert said in why.references
    assert why.says("Care home residents")
    assert not (await practice.why("smr-care-home-residents", other)).member


@pytest.mark.requirement("SMR-011")
async def test_an_error_prone_medicine_lists_the_person_and_is_the_reason(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    listed, unsafe, other = [await practice.register() for _ in range(3)]
    [methotrexate] = await practice.prescribe(listed, product("methotrexate"))
    [ibuprofen, _] = await practice.prescribe(unsafe, product("ibuprofen"), product("apixaban"))
    await practice.prescribe(other, product("paracetamol"))
    assert (await practice.identify("smr-error-prone-medicines")) == {"smr-error-prone-medicines": 2}
    assert await practice.listed("smr-error-prone-medicines") == [unsafe, listed], "an unsafe combination comes first"
    assert (await practice.reasons("smr-error-prone-medicines"))[listed] == {FORMULARY["methotrexate"].code}
    assert methotrexate in (await practice.why("smr-error-prone-medicines", listed)).references
    why = await practice.why("smr-error-prone-medicines", unsafe)
    assert ibuprofen in why.references
    assert why.says("Oral NSAID with an anticoagulant")
    assert not (await practice.why("smr-error-prone-medicines", other)).member


@pytest.mark.requirement("SMR-012")
async def test_copd_with_heart_failure_is_listed_and_one_of_them_is_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    both, single = await practice.register(), await practice.register()
    conditions = await practice.diagnose(both, COPD, HEART_FAILURE)
    await practice.diagnose(single, COPD)
    assert (await practice.identify("smr-multimorbidity")) == {"smr-multimorbidity": 1}
    assert await practice.listed("smr-multimorbidity") == [both]
    assert (await practice.why("smr-multimorbidity", both)).references >= set(conditions)


@pytest.mark.requirement("SMR-013")
async def test_a_recent_admission_or_fall_ranks_the_housebound_above_others(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    quiet, fell, admitted = [await practice.register() for _ in range(3)]
    for person in (quiet, fell):
        await practice.observe(person, HOUSEBOUND)
    await practice.diagnose(admitted, SEVERE, onset="2020-02-01")
    await practice.observe(fell, ("161898004", "Falls"), "2020-05-20")
    await practice.admit_to_hospital(admitted, "2020-03-03")
    await practice.identify("smr-housebound-isolated-frail")
    order = await practice.listed("smr-housebound-isolated-frail")
    assert set(order[:2]) == {fell, admitted}
    assert order[2:] == [quiet]
    ranks = {each: (await practice.why("smr-housebound-isolated-frail", each)).rank for each in order}
    assert ranks == {fell: 20, admitted: 20, quiet: 0}


@pytest.mark.requirement("SMR-014")
async def test_an_assessment_completed_on_a_plan_lists_the_person(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    person = await practice.register("1938-01-01")
    plan = await practice.client.create({
        "resourceType": "CarePlan", "status": "active", "intent": "plan", "title": "Anticipatory care plan",
        "subject": {"reference": f"Patient/{person}"}, "period": {"start": "2020-06-01"},
        "category": [coded("736366004", "Advance care plan", SNOMED_CT)],
        "activity": [{"detail": {"code": coded(*ASSESSMENT, CARE_ACTIVITY), "status": "scheduled"}}],
    })  # fmt: skip
    assert (await practice.identify("smr-geriatric-assessment")) == {"smr-geriatric-assessment": 0}
    reference = f"CarePlan/{plan['id']}"
    done = [{"op": "replace", "path": "/activity/0/detail/status", "value": "completed"}]
    await practice.client.patch(reference, done)
    assert (await practice.identify("smr-geriatric-assessment")) == {"smr-geriatric-assessment": 1}
    why = await practice.why("smr-geriatric-assessment", person)
    assert why.member
    assert reference in why.references
    assert ASSESSMENT[0] in why.codes


@pytest.mark.requirement("SMR-015")
async def test_severe_frailty_by_code_or_score_is_listed_and_moderate_is_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    by_code, by_score, moderate = [await practice.register("1935-01-01") for _ in range(3)]
    await practice.diagnose(by_code, SEVERE)
    await practice.measure(by_score, FRAILTY_INDEX, "0.39", "score", "2020-05-01")
    await practice.diagnose(moderate, MODERATE)
    await practice.measure(moderate, FRAILTY_INDEX, "0.30", "score", "2020-05-01")
    assert (await practice.identify("smr-severe-frailty")) == {"smr-severe-frailty": 2}
    assert set(await practice.listed("smr-severe-frailty")) == {by_code, by_score}
    assert not (await practice.why("smr-severe-frailty", moderate)).member


@pytest.mark.requirement("SMR-016")
async def test_the_configured_number_of_addictive_pain_medicines_is_listed_and_one_fewer_is_not(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    two, one = await practice.register(), await practice.register()
    await practice.prescribe(two, product("gabapentin"), product("codeine"))
    await practice.prescribe(one, product("gabapentin"), product("paracetamol"))
    assert (await practice.identify("smr-addictive-pain-medicines")) == {"smr-addictive-pain-medicines": 1}
    assert await practice.listed("smr-addictive-pain-medicines") == [two]
    why = await practice.why("smr-addictive-pain-medicines", two)
    assert why.codes == {FORMULARY["gabapentin"].code, FORMULARY["codeine"].code}
    tried = {"parameter": "smr-addictive-pain-medicines.medicines=1", "dryRun": "true"}
    assert (await practice.identify("smr-addictive-pain-medicines", **tried)) == {"smr-addictive-pain-medicines": 2}
