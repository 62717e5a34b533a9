"""What a medication review is told about medicines: inhalers, pharmacies, hospital and formulary (000 §2.13, §2.15)."""

from __future__ import annotations

import json

import httpx
import pytest

from tandem.canonical import DMD, ODS_CODE, ORGANISATION_TYPE, SNOMED_CT
from tandem.demo.client import FhirClient, Refused, eventually
from tandem_tests.medication_reviews import (
    AMLODIPINE,
    EASYHALER,
    IBUPROFEN,
    RAMIPRIL,
    SALBUTAMOL,
    Reviews,
    decision,
    medicines,
    new_reviews,
    told,
)
from tandem_tests.network_area import parameters, part, values
from tandem_tests.questionnaire_responses import coding, item, response
from tandem_tests.running import EmbeddedTandem

_CANNOT_INHALE = {"system": SNOMED_CT, "code": "13645005", "display": "Chronic obstructive lung disease"}


@pytest.fixture
async def reviews(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Reviews:
    """A practice whose network may review."""
    return await new_reviews(http, embedded)


@pytest.mark.requirement("SMR-027")
async def test_a_high_carbon_inhaler_prompts_a_switch_or_a_coded_reason(reviews: Reviews) -> None:
    switched, kept = [await reviews.lists.register("1950-01-01") for _ in range(2)]
    for patient in (switched, kept):
        await reviews.lists.prescribe(patient, SALBUTAMOL, AMLODIPINE)
    review = await reviews.start(switched)
    shown = medicines(await reviews.shown(review))
    assert "switch it" in values(shown[SALBUTAMOL[1]], "prompt")[0]
    assert values(shown[AMLODIPINE[1]], "prompt") == []
    for row, fault in (
        (decision(SALBUTAMOL, "continue", "She likes it"), "coded in SNOMED CT"),
        (decision(SALBUTAMOL, "switch-inhaler", "Carbon"), "names the inhaler"),
        (decision(SALBUTAMOL, "switch-inhaler", "Carbon", new=SALBUTAMOL), "high carbon footprint too"),
        (decision(SALBUTAMOL, "switch-inhaler", new=EASYHALER), "has a reason"),
    ):
        with pytest.raises(Refused) as refusal:
            await reviews.decide(review, row)
        assert fault in " ".join(told(refusal))
    await reviews.decide(
        review, decision(AMLODIPINE, "continue"), decision(SALBUTAMOL, "switch-inhaler", "Carbon", new=EASYHALER)
    )
    await reviews.all_but_medicines(review)
    await reviews.complete(review)
    current = await reviews.practice.search(f"MedicationStatement/$current?patient=Patient/{switched}")
    assert [each["medicationCodeableConcept"]["coding"][0]["code"] for each in current] == [EASYHALER[0]]

    review = await reviews.start(kept)
    await reviews.decide(review, decision(AMLODIPINE, "continue"), decision(SALBUTAMOL, "continue", _CANNOT_INHALE))
    [_, shown_reason] = [values(each, "reason") for _, each in sorted(medicines(await reviews.shown(review)).items())]
    assert shown_reason == [{"coding": [_CANNOT_INHALE]}]
    await reviews.all_but_medicines(review)
    assert (await reviews.complete(review))["status"] == "final"


@pytest.mark.requirement("SMR-044")
async def test_a_contact_of_the_new_medicine_service_shows_against_its_medicine(
    reviews: Reviews, http: httpx.AsyncClient, embedded: EmbeddedTandem
) -> None:
    pharmacy = await caring_pharmacy(reviews, http, embedded)
    patient = reviews.here.person
    await reviews.lists.prescribe(patient, AMLODIPINE, RAMIPRIL)
    contact = await pharmacy.create(response(
        "new-medicine-service", patient, "completed",
        item("medicine", {"system": DMD, "code": AMLODIPINE[0], "display": AMLODIPINE[1]}),
        item("stage", coding("intervention")), item("problems", "Swollen ankles"),
    ))  # fmt: skip
    review = await reviews.start(patient)
    shown = medicines(await reviews.shown(review))
    [told_of] = values(shown[AMLODIPINE[1]], "contact")
    assert values(told_of, "response") == [{"reference": f"QuestionnaireResponse/{contact['id']}"}]
    assert values(told_of, "problems") == ["Swollen ankles"]
    assert values(told_of, "organisation") == [reviews.here.codes["pharmacy"]]
    assert values(shown[RAMIPRIL[1]], "contact") == []
    [listed] = [each for each in review["section"] if each["title"] == "Medicines"]
    entries = {each["title"]: [entry["reference"] for entry in each["entry"]] for each in listed["section"]}
    assert f"QuestionnaireResponse/{contact['id']}" in entries[AMLODIPINE[1]]


async def caring_pharmacy(reviews: Reviews, http: httpx.AsyncClient, system: EmbeddedTandem) -> FhirClient:
    """A pharmacy with an agreement and a place on the person's team."""
    here = reviews.here
    here.codes["pharmacy"] = f"FA{here.codes['practice'][1:]}"
    await here.client(http, "operator").create({
        "resourceType": "Organization", "active": True, "name": "Pharmacy",
        "identifier": [{"system": ODS_CODE, "value": here.codes["pharmacy"]}],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": "pharmacy"}]}],
    })  # fmt: skip
    practice, pharmacy = reviews.practice, FhirClient(http, system.url, system.token(here.codes["pharmacy"]))
    written = await practice.create(here.sharing("practice", "pharmacy", signed=False))
    written["extension"] = here.sharing("practice", "pharmacy")["extension"]
    await pharmacy.call("PUT", f"OrganizationAffiliation/{written['id']}", written)
    await practice.create({
        "resourceType": "CareTeam", "status": "active", "subject": here.subject,
        "participant": [{"member": here.reference("pharmacy")}],
    })  # fmt: skip
    await practice.caught_up()
    return pharmacy


@pytest.mark.requirement("SMR-045")
async def test_differences_after_hospital_appear_until_each_is_decided(reviews: Reviews) -> None:
    patient = await reviews.lists.register("1940-01-01")
    order, inhaler = await reviews.lists.prescribe(patient, AMLODIPINE, SALBUTAMOL)
    held = await reviews.practice.read(order)
    await reviews.practice.call("PUT", order, {**held, "dosageInstruction": [{"text": "One each day"}]})
    await reviews.state(patient, AMLODIPINE, "inpatient", dosage=[{"text": "Two each day"}])
    await reviews.state(patient, RAMIPRIL, "inpatient", dosage=[{"text": "One each day"}])
    await reviews.state(patient, IBUPROFEN, "inpatient", status="stopped")
    await reviews.state(patient, IBUPROFEN, "patientspecified", dateAsserted="2020-01-05")

    async def differences(review: dict[str, object]) -> dict[str, str]:
        shown = medicines(await reviews.shown(review))
        return {name: values(each, "difference")[0] for name, each in shown.items() if values(each, "difference")}

    expected = {
        AMLODIPINE[1]: "dose-changed-in-hospital", RAMIPRIL[1]: "started-in-hospital",
        IBUPROFEN[1]: "stopped-in-hospital", SALBUTAMOL[1]: "not-on-discharge-list",
    }  # fmt: skip
    first = await reviews.start(patient)
    assert await differences(first) == expected
    held = await reviews.practice.read(f"Composition/{first['id']}")
    await reviews.practice.call("PUT", f"Composition/{first['id']}", {**held, "status": "entered-in-error"})

    review = await reviews.start(patient)
    assert review["id"] != first["id"]
    assert await differences(review) == expected, "an appointment that decided nothing resolves nothing"
    await reviews.all_but_medicines(review)
    await reviews.decide(
        review, decision(AMLODIPINE, "change", "As the hospital advised", dosage="Two each day"),
        decision(RAMIPRIL, "continue"), decision(IBUPROFEN, "stop", "Kidneys"),
    )  # fmt: skip
    [fault] = await reviews.refused(review)
    assert fault.startswith(inhaler)
    assert "SMR-045" in fault
    await reviews.decide(review, decision(SALBUTAMOL, "continue", _CANNOT_INHALE))
    await reviews.complete(review)

    following = await reviews.start(patient)
    assert await differences(following) == {}
    assert set(medicines(await reviews.shown(following))) == {AMLODIPINE[1], RAMIPRIL[1], SALBUTAMOL[1]}
    await reviews.state(patient, AMLODIPINE, "inpatient", status="stopped", dateAsserted="2020-07-01")
    assert (await differences(following))[AMLODIPINE[1]] == "stopped-in-hospital"


@pytest.mark.requirement("SMR-062")
async def test_changes_show_on_or_off_the_formulary_of_their_commissioner(
    reviews: Reviews, http: httpx.AsyncClient
) -> None:
    patient = await reviews.lists.register("1940-01-01")
    await reviews.lists.prescribe(patient, IBUPROFEN, SALBUTAMOL)
    review = await reviews.start(patient)
    rows = (
        decision(IBUPROFEN, "change", "Less harm", new=AMLODIPINE), decision(RAMIPRIL, "start", "Blood pressure"),
    )  # fmt: skip
    await reviews.decide(review, *rows)

    async def standing() -> dict[str, list[object]]:
        shown = medicines(await reviews.shown(review))
        return {name: values(each, "formulary") for name, each in shown.items()}

    assert await standing() == {IBUPROFEN[1]: ["not-known"], RAMIPRIL[1]: ["not-known"], SALBUTAMOL[1]: []}
    commissioner = reviews.here.client(http, "commissioner")
    content = {"products": [{"code": AMLODIPINE[0], "name": AMLODIPINE[1]}]}
    posted = (
        part("kind", valueCode="formulary"), part("from", valueDate="2020-04-01"),
        part("source", valueString="Area prescribing committee"), part("content", valueString=json.dumps(content)),
    )  # fmt: skip
    for role in ("practice", "network"):
        with pytest.raises(Refused) as refusal:
            await reviews.here.client(http, role).call(
                "POST", "CarePlan/$medication-review-policy", parameters(*posted)
            )
        assert refusal.value.status == 403
    await commissioner.call("POST", "CarePlan/$medication-review-policy", parameters(*posted))
    assert await standing() == {IBUPROFEN[1]: ["on"], RAMIPRIL[1]: ["off"], SALBUTAMOL[1]: []}
    shown = medicines(await reviews.shown(review))[RAMIPRIL[1]]
    assert values(shown, "commissioner") == [reviews.here.codes["commissioner"]]
    assert values(shown, "formularyVersion") == [1]
    [section] = [each for each in (await reviews.decide(review, *rows))["section"] if each["title"] == "Medicines"]
    assert "valueCode" in json.dumps(section)

    elsewhere = await new_reviews(http, reviews.here.system)  # type: ignore[arg-type]
    other = await elsewhere.lists.register("1940-01-01")
    far = await elsewhere.start(other)
    await elsewhere.decide(far, decision(AMLODIPINE, "start", "Blood pressure"))
    assert values(medicines(await elsewhere.shown(far))[AMLODIPINE[1]], "formulary") == ["not-known"]


async def test_medicines_prescribed_after_the_appointment_began_are_asked_for_at_completion(reviews: Reviews) -> None:
    patient = await reviews.lists.register("1940-01-01")
    review = await reviews.start(patient)
    await reviews.all_but_medicines(review)
    [order] = await reviews.lists.prescribe(patient, AMLODIPINE)
    [fault] = await reviews.refused(review)
    assert fault.startswith(order)

    async def listed() -> bool:
        return AMLODIPINE[1] in medicines(await reviews.shown(review))

    assert await eventually(listed, reviews.practice.caught_up)
    await reviews.decide(review, decision(AMLODIPINE, "continue"))
    assert (await reviews.complete(review))["status"] == "final"
