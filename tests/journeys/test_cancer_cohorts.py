"""People at higher risk of cancer, and cases to learn from."""

from __future__ import annotations

import httpx
import pytest

from tandem_tests.practice_lists import coded, practice_lists
from tandem_tests.running import EmbeddedTandem

RISK, LEARNING = "higher-cancer-risk", "cancer-learning-cases"
SMOKER, NEVER = ("77176002", "Smoker"), ("266919005", "Never smoked tobacco")
FAMILY_HISTORY = ("429740004", "Family history of malignant neoplasm of breast")
BREAST_CANCER = ("254837009", "Malignant neoplasm of breast")
LUNG_CANCER = ("363358000", "Malignant tumor of lung")
STAGE = ("399588009", "Pathologic TNM stage")
STAGE_FOUR = coded("1222837003", "American Joint Committee on Cancer stage IV")


@pytest.mark.requirement("ECD-037")
async def test_people_at_higher_risk_of_cancer_are_listed_each_with_the_reason(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    smokes, family, neither, ill = [await practice.register("1965-01-01") for _ in range(4)]
    await practice.observe(smokes, SMOKER)
    history = await practice.observe(family, FAMILY_HISTORY)
    await practice.observe(neither, NEVER)
    await practice.observe(ill, SMOKER)
    await practice.diagnose(ill, LUNG_CANCER)
    assert (await practice.identify(RISK)) == {RISK: 2}
    assert await practice.reasons(RISK) == {smokes: {SMOKER[0]}, family: {FAMILY_HISTORY[0]}}
    assert history in (await practice.why(RISK, family)).references
    assert (await practice.why(RISK, ill)).exclusions == ("Has cancer already",)


@pytest.mark.requirement("ECD-058")
async def test_many_presentations_before_a_diagnosis_or_a_late_stage_are_learning_cases_with_evidence(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, embedded)
    presented, late, neither = [await practice.register("1955-01-01") for _ in range(3)]
    contacts = []
    for day in ("2019-11-04", "2019-12-10", "2020-01-15", "2020-02-18", "2020-03-02"):
        made = await practice.client.create({
            "resourceType": "Encounter", "status": "finished", "subject": {"reference": f"Patient/{presented}"},
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "type": [coded("11429006", "Consultation")],
            "period": {"start": f"{day}T10:00:00Z", "end": f"{day}T10:10:00Z"},
        })  # fmt: skip
        contacts.append(f"Encounter/{made['id']}")
    for person in (presented, neither):
        await practice.diagnose(person, BREAST_CANCER, onset="2020-04-01")
    await practice.diagnose(late, LUNG_CANCER, onset="2020-02-01")
    staged = await practice.observe(late, STAGE, "2020-02-10", valueCodeableConcept=STAGE_FOUR)
    assert (await practice.identify(LEARNING)) == {LEARNING: 2}
    assert set(await practice.listed(LEARNING)) == {presented, late}
    assert (await practice.why(LEARNING, presented)).references >= set(contacts)
    assert staged in (await practice.why(LEARNING, late)).references
