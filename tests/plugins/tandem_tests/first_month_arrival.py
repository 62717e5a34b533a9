"""Everybody around the resident of `first_month` and what they agreed, and the day on which she moves in."""

from __future__ import annotations

from functools import partial

from tandem.canonical import DMD, NHS_NUMBER, STAFF_KIND
from tandem_tests.first_month import FirstMonth
from tandem_tests.medication_reviews import ASSESSMENT, PRESCRIBER, qualification
from tandem_tests.neighbourhood import LIVES_IN_CARE_HOME, free_nhs_number, plan_of
from tandem_tests.network_area import part
from tandem_tests.practice_lists import coded

MEDICINES = tuple(
    (f"3190000{number:02}", f"{name} tablets") for number, name in enumerate((
        "Amlodipine 5mg", "Ramipril 5mg", "Bisoprolol 2.5mg", "Atorvastatin 20mg", "Apixaban 5mg", "Metformin 500mg",
        "Furosemide 40mg", "Levothyroxine 50microgram", "Sertraline 50mg", "Zopiclone 3.75mg", "Omeprazole 20mg",
        "Donepezil 10mg", "Paracetamol 500mg", "Senna 7.5mg",
    ))
)  # fmt: skip


async def settle(story: FirstMonth) -> None:
    """A second practice of the network, the trust, the hospice, their staff, and what they agreed on sharing."""
    area, number = story.area, story.area.number
    for name, kind, code in (
        ("hilltop", "practice", f"W{70_000 + number}"), ("trust", "community-provider", f"RH{number:03}"),
        ("hospice", "voluntary", f"8J{number:03}"),
    ):  # fmt: skip
        await area.enter(name, kind, code)
    await area.affiliate("north", "hilltop", period={"start": "2019-07-01"})
    await area.align("north", "elms")
    await story.caught_up()
    for name, kind, organisation, qualified in (
        ("gp", "gp", "northern", ()), ("lead", "gp", "hilltop", ()),
        ("coordinator", "care-coordinator", "north", ()),
        ("pharmacist", "clinical-pharmacist", "north", (PRESCRIBER, ASSESSMENT)),
        ("nurse", "community-nurse", "trust", ()), ("physiotherapist", "physiotherapist", "trust", ()),
        ("palliative", "palliative-care-nurse", "hospice", ()), ("carer", "care-home-staff", "elms", ()),
    ):  # fmt: skip
        await _hire(story, name, kind, organisation, *qualified)
    drafted = await story.post(
        "north", "OrganizationAffiliation/$draft-agreement", part("template", valueString="data-sharing"),
        *(part("party", valueReference=area.reference(each)) for each in ("trust", "hospice", "elms")),
    )  # fmt: skip
    agreement = drafted["entry"][0]["resource"]["id"]
    for each in ("north", "northern", "hilltop", "trust", "hospice", "elms"):
        await story.client(each, "Practitioner/signs").call("POST", f"OrganizationAffiliation/{agreement}/$sign")
    await story.caught_up()


async def _hire(story: FirstMonth, name: str, kind: str, organisation: str, *qualified: str) -> None:
    qualifications = [qualification(each) for each in qualified]
    person = await story.enter(organisation, f"{name}-person", {
        "resourceType": "Practitioner", "active": True, "name": [{"family": name.title()}],
        **({"qualification": qualifications} if qualifications else {}),
    })  # fmt: skip
    await story.enter(organisation, name, {
        "resourceType": "PractitionerRole", "active": True, "period": {"start": "2019-01-01"},
        "practitioner": {"reference": f"Practitioner/{person['id']}"},
        "organization": story.area.reference(organisation),
        "code": [{"coding": [{"system": STAFF_KIND, "code": kind}]}],
    })  # fmt: skip
    story.staff[name], story.works_for[name] = story.known[name], organisation


async def register(story: FirstMonth) -> None:
    """The practice registers her, with fourteen medicines."""
    await story.enter("northern", "person", {
        "resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": free_nhs_number()}],
        "name": [{"family": "Hartley", "given": ["Ada"]}], "birthDate": "1934-04-12", "gender": "female",
        "generalPractitioner": [story.area.reference("northern")],
    })  # fmt: skip
    await story.together(*(partial(_prescribe, story, *each) for each in MEDICINES))


async def _prescribe(story: FirstMonth, code: str, display: str) -> None:
    await story.enter("northern", display, {
        "resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": story.subject,
        "medicationCodeableConcept": coded(code, display, DMD), "authoredOn": "2020-10-01",
    })  # fmt: skip


async def move_in(story: FirstMonth) -> None:
    """The stay and the coded residency."""
    await story.together(partial(_stay, story), partial(_residency, story))
    await story.caught_up()
    plan = await plan_of(story.client("northern"), story.person)
    story.known["plan"] = f"CarePlan/{plan['id']}"


async def _stay(story: FirstMonth) -> None:
    await story.enter("northern", "stay", {
        "resourceType": "EpisodeOfCare", "status": "active", "type": [{"coding": [LIVES_IN_CARE_HOME]}],
        "patient": story.subject, "managingOrganization": story.area.reference("elms"),
        "period": {"start": "2020-11-02"},
    })  # fmt: skip


async def _residency(story: FirstMonth) -> None:
    await story.enter("northern", "residency", {
        "resourceType": "Observation", "status": "final", "code": {"coding": [LIVES_IN_CARE_HOME]},
        "subject": story.subject, "effectiveDateTime": "2020-11-02",
    })  # fmt: skip
