"""The complex and frail register of the Doncaster specification, and whose observations get worse."""

from __future__ import annotations

import httpx
import pytest

from tandem.synth.formulary import FORMULARY
from tandem_tests.practice_lists import practice_lists
from tandem_tests.running import EmbeddedTandem

REGISTER, WORSENING = "complex-and-frail", "at-risk-of-deterioration"
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
HEART_FAILURE, DEMENTIA = ("84114007", "Heart failure"), ("52448006", "Dementia")
STROKE, HYPERTENSION = ("230690007", "Cerebrovascular accident"), ("59621000", "Essential hypertension")
FRAILTY_INDEX = ("713636003", "Frailty Index score")
LIVES_ALONE = ("105529008", "Lives alone")
OXYGEN = ("103228002", "Haemoglobin saturation with oxygen")
APIXABAN, IBUPROFEN = ((FORMULARY[name].code, FORMULARY[name].name) for name in ("apixaban", "ibuprofen"))


@pytest.mark.requirement("PCPC-003")
async def test_several_conditions_on_several_pathways_are_complex_and_named(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    several, two = await practice.register(), await practice.register()
    conditions = await practice.diagnose(several, COPD, DIABETES, DEMENTIA)
    await practice.diagnose(two, COPD, DIABETES)
    assert (await practice.identify(REGISTER)) == {REGISTER: 1}
    assert await practice.listed(REGISTER) == [several]
    why = await practice.why(REGISTER, several)
    assert why.says("Several conditions on several pathways")
    assert why.codes >= {COPD[0], DIABETES[0], DEMENTIA[0]}
    assert why.references >= set(conditions)


@pytest.mark.requirement("PCPC-004")
async def test_rising_frailty_scores_are_named_with_score_and_date(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    rising, steady = await practice.register("1938-01-01"), await practice.register("1938-01-01")
    before = await practice.measure(rising, FRAILTY_INDEX, "0.17", "score", "2019-06-03")
    now = await practice.measure(rising, FRAILTY_INDEX, "0.28", "score", "2020-06-03")
    for day in ("2019-06-03", "2020-06-03"):
        await practice.measure(steady, FRAILTY_INDEX, "0.17", "score", day)
    assert (await practice.identify(REGISTER)) == {REGISTER: 1}
    assert await practice.listed(REGISTER) == [rising]
    why = await practice.why(REGISTER, rising)
    assert why.says("Becoming increasingly frail")
    assert why.references >= {before, now}
    assert why.dates >= {"2019-06-03", "2020-06-03"}
    assert {("2019-06-03", "0.17"), ("2020-06-03", "0.28")} <= why.values


@pytest.mark.requirement("PCPC-005")
async def test_repeated_unplanned_admissions_with_a_social_factor_show_both_reasons(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    both, admitted = await practice.register(), await practice.register()
    admissions = [await practice.admit_to_hospital(both, day) for day in ("2020-01-10", "2020-05-02")]
    for day in ("2020-01-10", "2020-05-02"):
        await practice.admit_to_hospital(admitted, day)
    social = await practice.observe(both, LIVES_ALONE)
    assert (await practice.identify(REGISTER)) == {REGISTER: 1}
    assert await practice.listed(REGISTER) == [both]
    why = await practice.why(REGISTER, both)
    assert why.says("Repeated unplanned admissions with a social factor")
    assert why.references >= {social, *admissions}


@pytest.mark.requirement("PCPC-006")
async def test_the_eight_conditions_can_be_read_and_a_combination_of_them_matches(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    cohort = "complex-condition-combinations"
    three, two = await practice.register(), await practice.register()
    await practice.diagnose(three, HYPERTENSION, HEART_FAILURE, STROKE)
    await practice.diagnose(two, HYPERTENSION, HEART_FAILURE)
    assert await practice.listed(cohort) == [three]
    read = await practice.client.call("GET", f"Group/$definitions?id={cohort}")
    texts = [part["valueString"] for each in read["parameter"] for part in each.get("part", ())
             if part["name"] == "text"]  # fmt: skip
    assert len(texts) == 1
    for named in ("ischaemic-heart-disease", "hypertension", "heart-failure", "stroke-or-tia", "diabetes", "copd",
                  "depression", "dementia"):  # fmt: skip
        assert named in texts[0]


@pytest.mark.requirement("PCPC-007")
async def test_medicines_that_may_interact_are_named_as_the_reason(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    interacting, safe = await practice.register(), await practice.register()
    for person in (interacting, safe):
        await practice.diagnose(person, COPD, DIABETES, DEMENTIA)
    orders = await practice.prescribe(interacting, APIXABAN, IBUPROFEN)
    await practice.prescribe(safe, APIXABAN)
    assert await practice.listed(REGISTER) == [interacting, safe], "the interaction brings a person up"
    why = await practice.why("complex-interacting-medicines", interacting)
    assert why.says("Oral anticoagulants and another of the group Non-steroidal anti-inflammatory medicines")
    assert why.references >= set(orders)
    assert set(orders) <= (await practice.why(REGISTER, interacting)).references
    assert not (await practice.why("complex-interacting-medicines", safe)).member


@pytest.mark.requirement("PCPC-054")
async def test_worsening_observations_of_a_register_patient_are_listed_before_any_admission(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    on_register, other = await practice.register(), await practice.register()
    await practice.diagnose(on_register, COPD, DIABETES, DEMENTIA)
    for person in (on_register, other):
        await practice.measure(person, OXYGEN, "96", "%", "2020-05-01")
    assert await practice.listed(WORSENING) == []
    worse = [await practice.measure(person, OXYGEN, "89", "%", "2020-06-30") for person in (on_register, other)]
    assert await practice.listed(WORSENING) == [on_register]
    why = await practice.why(WORSENING, on_register)
    assert worse[0] in why.references
    assert not await practice.client.search(f"Encounter?patient=Patient/{on_register}")
