"""The enriched summary record: asked for, shared with consent alone, complete, and read where people are treated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tandem.canonical import ENRICHED_SUMMARY_SECTION, NHS_NUMBER, SNOMED_CT, STAFF_KIND
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.case_register import CaseRegister, case_register_of_new_practice
from tandem_tests.consents import consent, summary_consent, withdraw
from tandem_tests.network_area import parameters, part
from tandem_tests.practice_lists import coded
from tandem_tests.questionnaire_responses import coding, item
from tandem_tests.running import EmbeddedTandem
from tandem_tests.shared_plans import AGREED, move, new_plan, own_goal, refused, say

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
HYPERTENSION, STROKE = ("38341003", "Hypertension"), ("230690007", "Stroke")


@dataclass(slots=True)
class Record:
    """A person of a practice with a case register, and whoever asks for their summary."""

    register: CaseRegister
    person: str

    @property
    def practice(self) -> FhirClient:
        return self.register.lists.client

    async def keep(self, kind: str, about: str = "subject", **more: Any) -> Resource:
        """A record of the person, by the practice."""
        person = {"reference": f"Patient/{self.person}"}
        return await self.practice.create({"resourceType": kind, about: person, **more})

    async def diagnosed(self, code: tuple[str, str], status: str = "active", **more: Any) -> Resource:
        return await self.keep("Condition", code=coded(*code), clinicalStatus=coded(status, status, _CLINICAL), **more)

    async def summary(self, client: FhirClient | None = None, patient: str | None = None) -> Resource:
        """The document."""
        asked = parameters(part("patient", valueString=patient or f"Patient/{self.person}"))
        return await (client or self.practice).call("POST", "Composition/$enriched-summary", asked)


@pytest.fixture
async def record(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Record:
    register = await case_register_of_new_practice(http, embedded)
    return Record(register, await register.lists.register("1940-01-01"))


def section(document: Resource, code: str) -> dict[str, Any]:
    """The section of this code, at any depth."""

    def within(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each for one in sections for each in (one, *within(one.get("section", [])))]

    found = within(document["entry"][0]["resource"]["section"])
    coded_so = {"system": ENRICHED_SUMMARY_SECTION, "code": code}
    [one] = [each for each in found if each["code"]["coding"] == [coded_so]]
    return one


def entries(document: Resource, code: str) -> set[str]:
    """What the section refers to; every one of it is in the document."""
    named = {each["reference"] for each in section(document, code).get("entry", [])}
    held = {f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in document["entry"]}
    assert named <= held
    return named


def reference(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


@pytest.mark.requirement("PCPC-057")
@pytest.mark.parametrize(("agreed", "stored"), [(True, "permit"), (False, "deny")])
async def test_care_planning_is_not_complete_before_the_person_was_asked(
    record: Record, agreed: bool, stored: str
) -> None:
    practice, person = record.practice, record.person
    await record.register.enter(person)
    await practice.caught_up()
    plan = (await new_plan(practice, person))["id"]
    await own_goal(practice, person)
    await say(practice, plan, person, *(each for each in AGREED if each["linkId"] != "summary-record-consent"))
    [said] = await refused(practice, plan)
    assert "share their enriched summary care record" in said
    assert "003 §2.5 SCR; PCPC-057" in said
    answer = await say(practice, plan, person, item("summary-record-consent", agreed))
    [kept] = await practice.search(f"Consent?patient=Patient/{person}")
    assert kept["status"] == "active"
    assert kept["provision"]["type"] == stored
    assert kept["sourceReference"] == {"reference": f"QuestionnaireResponse/{answer['id']}"}
    assert (await move(practice, plan, "active"))["status"] == "active"
    answer["status"] = "entered-in-error"
    await practice.call("PUT", f"QuestionnaireResponse/{answer['id']}", answer)
    assert (await practice.read(reference(kept)))["status"] == "entered-in-error"


async def test_an_answer_that_is_amended_changes_the_consent_and_the_summary(record: Record) -> None:
    practice, person = record.practice, record.person
    plan = (await new_plan(practice, person))["id"]
    answer = await say(practice, plan, person, item("summary-record-consent", True), authored="2020-06-30T10:00:00Z")
    assert (await record.summary())["type"] == "document"
    amended = answer | {"status": "amended", "item": [item("summary-record-consent", False)]}
    await practice.call("PUT", f"QuestionnaireResponse/{answer['id']}", amended)
    [kept] = await practice.search(f"Consent?patient=Patient/{person}")
    assert (kept["provision"]["type"], kept["meta"]["versionId"]) == ("deny", "2")
    with pytest.raises(Refused, match="said no"):
        await record.summary()


async def test_a_consent_beside_the_plan_counts_and_a_question_without_an_answer_does_not(record: Record) -> None:
    practice, person = record.practice, record.person
    await record.register.enter(person)
    await practice.caught_up()
    plan = (await new_plan(practice, person))["id"]
    await own_goal(practice, person)
    await say(practice, plan, person, *(each for each in AGREED if each["linkId"] != "summary-record-consent"))
    asked = await practice.create(consent(person, "enriched-summary", "proposed"))
    assert len(await refused(practice, plan)) == 1
    answered = asked | {"status": "active", "dateTime": "2020-06-30", "provision": {"type": "deny"}}
    await practice.call("PUT", reference(asked), answered)
    assert (await move(practice, plan, "active"))["status"] == "active"


@pytest.mark.requirement("PCPC-058")
async def test_significant_problems_past_and_present_are_shared_with_consent(record: Record) -> None:
    practice = record.practice
    present, past = await record.diagnosed(HYPERTENSION), await record.diagnosed(
        STROKE, "resolved", onsetDateTime="2012-05-04", abatementDateTime="2013-01-01"
    )  # fmt: skip
    minor = {"url": "https://example.org/ProblemSignificance", "valueCode": "minor"}
    seen_once = coded("encounter-diagnosis", "Encounter", _CATEGORY)
    left_out = [
        await record.diagnosed(("82272006", "Common cold"), category=[seen_once]),
        await record.diagnosed(("201101007", "Eczema"), extension=[minor]),
        await record.diagnosed(("86406008", "HIV infection")),
        await record.diagnosed(("35489007", "Depression"), meta={"security": [
            {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}),
    ]  # fmt: skip

    async def kept_back() -> str:
        with pytest.raises(Refused) as refusal:
            await record.summary()
        assert refusal.value.status == 403
        assert "PCPC-058" in refusal.value.text
        return refusal.value.text

    assert "not recorded that the person was asked" in await kept_back()
    said_no = await practice.create(summary_consent(record.person, "deny", "2020-06-01"))
    assert "said no" in await kept_back()
    given = await practice.create(summary_consent(record.person))
    document = await record.summary()
    assert entries(document, "problems") == {reference(present)}
    assert entries(document, "past-problems") == {reference(past)}
    assert "Stroke, since 2012-05-04, until 2013-01-01" in section(document, "past-problems")["text"]["div"]
    checked = await practice.call("POST", "Composition/$validate", document["entry"][0]["resource"])
    assert {issue["severity"] for issue in checked["issue"]} == {"information"}
    shown = {each["fullUrl"].rpartition("/")[2] for each in document["entry"]}
    assert shown.isdisjoint(each["id"] for each in left_out)

    await withdraw(practice, given)
    assert "took their consent back" in await kept_back(), "at once"
    with pytest.raises(Refused) as refusal:
        back = [{"op": "replace", "path": "/status", "value": "active"}]
        await practice.patch(reference(given), back)
    assert "cannot go from 'inactive' to 'active'" in refusal.value.text
    assert said_no["status"] == "active"
    await practice.create(summary_consent(record.person, on="2020-06-30", provision={
        "type": "permit", "period": {"end": "2020-06-30"}}))  # fmt: skip
    assert "took their consent back" in await kept_back(), "what was taken back today is newer"


async def summarised(record: Record, *said: dict[str, Any], **plan: Any) -> str:
    """A consenting person with an active plan whose content is this: the plan's id."""
    practice, person = record.practice, record.person
    made = str((await new_plan(practice, person, **plan))["id"])
    await own_goal(practice, person)
    await say(practice, made, person, item("what-matters", "My garden"), *said)
    await move(practice, made, "active")
    await practice.create(summary_consent(person))
    return made


@pytest.mark.requirement("PCPC-059")
async def test_long_term_conditions_and_the_personal_care_plan_are_in_it(record: Record) -> None:
    practice, person = record.practice, record.person
    condition = await record.diagnosed(("13645005", "Chronic obstructive lung disease"))
    goal = await own_goal(practice, person, "To walk to the allotment")
    plan = await summarised(
        record, item("self-management", "Rescue pack in the kitchen"), item("contingency", "Ring the COPD nurse"),
        addresses=[{"reference": reference(condition)}], goal=[{"reference": reference(goal)}],
        activity=[{"detail": {"status": "scheduled", "description": "Pulmonary rehabilitation"}}],
    )  # fmt: skip
    document = await record.summary()
    assert entries(document, "care-plan") == {f"CarePlan/{plan}", reference(goal), reference(condition)}
    words = section(document, "care-plan")["text"]["div"]
    for each in (
        "Managed in this plan: Chronic obstructive lung disease", "To walk to the allotment", "Rescue pack",
        "Ring the COPD nurse", "Pulmonary rehabilitation", "My garden",
    ):  # fmt: skip
        assert each in words, each


@pytest.mark.requirement("PCPC-060")
async def test_communication_preferences_are_in_it(record: Record) -> None:
    flag = await record.keep("Flag", status="active", code={"text": "Reasonable adjustment: longer appointments"})
    other = await record.keep("Flag", status="active", code={"text": "Key safe at the back door"})
    await summarised(
        record, item("communication-needs", "Large print, and speak to my left ear"),
        item("reasonable-adjustments", "A quiet room"),
    )  # fmt: skip
    document = await record.summary()
    assert entries(document, "communication") == {reference(flag)}
    words = section(document, "communication")["text"]["div"]
    for each in ("Large print, and speak to my left ear", "A quiet room", "longer appointments"):
        assert each in words, each
    assert other["id"] not in {each["resource"]["id"] for each in document["entry"]}


@pytest.mark.requirement("PCPC-061")
async def test_end_of_life_information_is_in_it(record: Record) -> None:
    form = await record.keep(
        "DocumentReference", status="current", type=coded("1382601000000107", "ReSPECT form", SNOMED_CT),
        content=[{"attachment": {"contentType": "application/pdf", "title": "ReSPECT"}}],
    )  # fmt: skip
    await summarised(
        record, item("preferred-place-of-death", coding("hospice")), item("resuscitation", coding("do-not-attempt")),
        item("admission-wishes", "Not to hospital again"),
    )  # fmt: skip
    document = await record.summary()
    assert entries(document, "end-of-life") == {reference(form)}
    words = section(document, "end-of-life")["text"]["div"].casefold()
    for each in ("hospice", "not to hospital again", "document: respect form"):
        assert each in words, each


@pytest.mark.requirement("PCPC-062")
async def test_every_medicine_carries_its_reason_or_is_listed_as_missing_one(record: Record) -> None:
    hypertension = await record.diagnosed(HYPERTENSION)
    said = await record.keep(
        "MedicationStatement", status="active", medicationCodeableConcept={"text": "Amlodipine 5 mg"},
        reasonReference=[{"reference": reference(hypertension)}], dateAsserted="2020-06-01",
    )  # fmt: skip
    ordered = await record.keep(
        "MedicationRequest", status="active", intent="order", medicationCodeableConcept={"text": "Omeprazole 20 mg"},
        reasonCode=[{"text": "Reflux"}],
    )  # fmt: skip
    bare = await record.keep(
        "MedicationRequest", status="active", intent="order", medicationCodeableConcept={"text": "Senna 7.5 mg"}
    )
    stopped = await record.keep(
        "MedicationRequest", status="stopped", intent="order", medicationCodeableConcept={"text": "Aspirin 75 mg"}
    )
    await record.practice.create(summary_consent(record.person))
    document = await record.summary()
    assert entries(document, "medicines") == {reference(said), reference(ordered), reference(bare)}
    words = section(document, "medicines")["text"]["div"]
    assert "Amlodipine 5 mg: Hypertension" in words
    assert "Omeprazole 20 mg: Reflux" in words
    assert "Senna 7.5 mg: no reason is recorded" in words
    assert entries(document, "medicines-without-reason") == {reference(bare)}
    assert stopped["id"] not in {each["resource"]["id"] for each in document["entry"]}


@pytest.mark.requirement("PCPC-063")
async def test_immunisations_are_in_it_with_their_dates(record: Record) -> None:
    given = [
        await record.keep(
            "Immunization", "patient", status="completed", vaccineCode={"text": name}, occurrenceDateTime=on
        )
        for name, on in (("Influenza vaccine", "2019-10-14"), ("Pneumococcal vaccine", "2012-11-02"))
    ]
    refused_one = await record.keep(
        "Immunization", "patient", status="not-done", vaccineCode={"text": "Shingles vaccine"},
        occurrenceDateTime="2019-10-14",
    )  # fmt: skip
    await record.practice.create(summary_consent(record.person))
    document = await record.summary()
    assert entries(document, "immunisations") == {reference(each) for each in given}
    words = section(document, "immunisations")["text"]["div"]
    assert "Influenza vaccine, 2019-10-14" in words
    assert "Pneumococcal vaccine, 2012-11-02" in words
    assert reference(refused_one) not in entries(document, "immunisations")


@pytest.mark.on_six_processes
@pytest.mark.requirement("PCPC-064")
async def test_an_outpatient_clinician_reads_it_by_the_persons_consent_and_leaves_a_trace(
    record: Record, embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here, practice = record.register.lists.here, record.practice
    hospital = "partless"
    role = await here.client(http, hospital).create({
        "resourceType": "PractitionerRole", "active": True, "organization": here.reference(hospital),
        "code": [coded("hospital-consultant", "Anaesthetist, pre-operative clinic", STAFF_KIND)],
    })  # fmt: skip
    await practice.caught_up()

    def clinician(organisation: str = hospital, **claims: Any) -> FhirClient:
        claims = {"user": reference(role), "purpose": "TREAT", **claims}
        return FhirClient(http, embedded.url, embedded.token(here.codes[organisation], **claims))

    async def kept_back(client: FhirClient, status: int, *words: str) -> None:
        with pytest.raises(Refused) as refusal:
            await record.summary(client)
        assert refusal.value.status == status
        for each in words:
            assert each in refusal.value.text

    patient = await practice.read(f"Patient/{record.person}")
    [number] = [each["value"] for each in patient["identifier"] if each["system"] == NHS_NUMBER]
    condition = await record.diagnosed(HYPERTENSION)
    assert (await clinician().request("GET", reference(condition))).status_code == 404, "no part in the care"
    await kept_back(clinician(), 404, "does not consent to share it", "PCPC-058")
    given = await practice.create(summary_consent(record.person))
    document = await record.summary(clinician(), f"{NHS_NUMBER}|{number}")
    assert entries(document, "problems") == {reference(condition)}
    assert (await clinician().request("GET", reference(condition))).status_code == 404, "the summary alone"

    await kept_back(clinician(purpose=None), 403, "no purpose of treatment", "PCPC-064")
    await kept_back(clinician(user="Practitioner/unknown"), 403, "no clinician")
    await kept_back(clinician("commissioner"), 403, "organisations that treat people")
    await kept_back(clinician("voluntary"), 403, "organisations that treat people")
    await withdraw(practice, given)
    await kept_back(clinician(), 404)

    of_person = f"AuditEvent?patient=Patient/{record.person}"
    trail = await practice.search(f"{of_person}&agent={reference(role)}&subtype=operation")
    outcomes = [each["outcome"] for each in trail if "enriched-summary" in str(each["subtype"])]
    assert outcomes.count("0") == 1
    assert outcomes.count("4") >= 4, "the refusals too, for the practice to see"
    general = consent(record.person, "enriched-summary", dateTime="2020-06-30", provision={"type": "deny"})
    general["category"] = [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]
    await practice.create(general)
    await practice.create(summary_consent(record.person, on="2020-07-01"))
    await kept_back(clinician(), 404)
