"""A shared plan with everything in it, entered through the API by a practice and those around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tandem.canonical import CARE_TEAM_ROLE, DMD, SNOMED_CT
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.questionnaire_responses import coding, draft_plan, findings, item, response
from tandem_tests.running import EmbeddedTandem, ServiceTandem

CONTENT = "personalised-care-and-support-plan"
RESPECT = "1382601000000107"
_ACTIVE = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
}  # fmt: skip


@dataclass(slots=True)
class WholePlan:
    """The neighbourhood, the plan's id, and the words that must be found in what is printed."""

    here: Neighbourhood
    id: str = ""
    goals: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    medicines: list[str] = field(default_factory=list)
    allergy: str = "Penicillin"

    def address(self, operation: str) -> str:
        """`CarePlan/1/$shared-plan`."""
        return f"CarePlan/{self.id}/${operation}"


def content(person: str, plan: str, *items: dict[str, Any], status: str = "completed", **more: Any) -> Resource:
    """A response with what the plan says of the person."""
    based = {"basedOn": [{"reference": f"CarePlan/{plan}"}]}
    return response(CONTENT, person, status, *items, **based, **more)


def respect_form(here: Neighbourhood, plan: str) -> Resource:
    """A pointer to the ReSPECT form."""
    return {
        "resourceType": "DocumentReference", "status": "current", "subject": here.subject,
        "date": "2020-06-12T10:00:00Z",
        "type": {"coding": [{"system": SNOMED_CT, "code": RESPECT, "display": "ReSPECT (record artifact)"}]},
        "description": "Kept in the yellow folder by the front door",
        "context": {"related": [{"reference": f"CarePlan/{plan}"}]},
        "content": [{"attachment": {"contentType": "application/pdf", "title": "ReSPECT form, signed"}}],
    }  # fmt: skip


async def enter_whole_plan(
    http: httpx.AsyncClient, system: EmbeddedTandem | ServiceTandem, *, goals: int = 3, actions: int = 4,
    medicines: int = 5,
) -> WholePlan:  # fmt: skip
    """Enter it: half of the actions are Tasks, the other half is written out in the plan."""
    whole = WholePlan(await settle_in(http, system))
    here = whole.here
    practice = here.client(http, "practice")
    plan = await practice.create(draft_plan(here.person))
    whole.id = plan["id"]
    await _person(practice, here)
    team = await _team(practice, here)
    named = [await _goal(practice, here, whole, number) for number in range(goals)]
    await _medicines(practice, here, whole, medicines)
    await _answers(practice, whole)
    detail = [_written_out(here, whole, named, number) for number in range(actions - actions // 2)]
    changed = {
        **await practice.read(f"CarePlan/{whole.id}"), "status": "active", "goal": named, "activity": detail,
        "careTeam": [team], "contributor": [here.reference("practice"), here.reference("community")],
        "author": here.reference("practice"),
    }  # fmt: skip
    await practice.call("PUT", f"CarePlan/{whole.id}", changed, If_Match=f'W/"{changed["meta"]["versionId"]}"')
    for number in range(actions // 2):
        await _task(practice, here, whole, number)
    await practice.caught_up()
    return whole


async def _person(practice: FhirClient, here: Neighbourhood) -> None:
    held = await practice.read(f"Patient/{here.person}")
    held |= {
        "address": [{"line": ["7 Larch Walk"], "city": "Leeds", "postalCode": "LS7 3QD"}],
        "telecom": [{"system": "phone", "value": "0113 496 0107"}],
    }
    await practice.call("PUT", f"Patient/{here.person}", held, If_Match=f'W/"{held["meta"]["versionId"]}"')
    await practice.create({
        "resourceType": "AllergyIntolerance", "clinicalStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]},
        "criticality": "high", "code": {"text": "Penicillin"}, "patient": here.subject,
        "reaction": [{"manifestation": [{"text": "swelling of the face"}]}],
    })  # fmt: skip
    for text in ("Heart failure", "Type 2 diabetes mellitus"):
        await practice.create({
            "resourceType": "Condition", "clinicalStatus": _ACTIVE, "code": {"text": text}, "subject": here.subject,
            "onsetDateTime": "2016-03",
        })  # fmt: skip
    await practice.create({
        "resourceType": "RelatedPerson", "active": True, "patient": here.subject,
        "relationship": [{"text": "daughter"}],
        "name": [{"family": "Okafor", "given": ["Grace"]}], "telecom": [{"system": "phone", "value": "07700 900123"}],
    })  # fmt: skip
    await practice.create({
        "resourceType": "Flag", "status": "active", "subject": here.subject,
        "code": {"text": "Hard of hearing: speak slowly, face to face"},
    })  # fmt: skip


async def _team(practice: FhirClient, here: Neighbourhood) -> dict[str, str]:
    doctor = await _staff(practice, here, ("Dr", "Ann", "Bell"), "GP", "0113 496 0001")
    coordinator = await _staff(practice, here, ("Mr", "Sam", "Reed"), "Care co-ordinator", "0113 496 0003")
    made = await practice.create({
        "resourceType": "CareTeam", "status": "active", "subject": here.subject, "name": "My team",
        "participant": [
            {"role": [_role("named-gp")], "member": doctor},
            {"role": [_role("care-coordinator")], "member": coordinator},
            {"role": [{"text": "Community nurses"}], "member": here.reference("community")},
        ],
    })  # fmt: skip
    return {"reference": f"CareTeam/{made['id']}"}


async def _staff(
    practice: FhirClient, here: Neighbourhood, name: tuple[str, str, str], job: str, phone: str
) -> dict[str, str]:
    prefix, given, family = name
    person = await practice.create({
        "resourceType": "Practitioner", "active": True,
        "name": [{"prefix": [prefix], "given": [given], "family": family}],
    })  # fmt: skip
    role = await practice.create({
        "resourceType": "PractitionerRole", "active": True, "code": [{"text": job}],
        "practitioner": {"reference": f"Practitioner/{person['id']}"},
        "organization": {"reference": f"Organization/{here.organizations['practice']}"},
        "telecom": [{"system": "phone", "value": phone}],
    })  # fmt: skip
    await practice.caught_up()
    return {"reference": f"PractitionerRole/{role['id']}"}


def _role(code: str) -> dict[str, Any]:
    return {"coding": [{"system": CARE_TEAM_ROLE, "code": code}]}


_GOALS = ("Walk to the garden again", "Sleep through the night", "See my sister every week")
_ACTIONS = ("Physiotherapy at home", "Check the heart tablets", "Visit for company", "Blood test for the kidneys")
_MEDICINES = (
    ("Ramipril 5mg capsules", "One in the morning", "Blood pressure"),
    ("Metformin 500mg tablets", "One with breakfast and one with the evening meal", "Diabetes"),
    ("Furosemide 40mg tablets", "One in the morning", "Water on the legs"),
    ("Paracetamol 500mg tablets", "Up to two, four times a day, when in pain", "Pain"),
    ("Atorvastatin 20mg tablets", "One at night", "Cholesterol"),
)


def _words(words: tuple[str, ...], number: int) -> str:
    again = number // len(words)
    return words[number % len(words)] + (f" {again + 1}" if again else "")


async def _goal(practice: FhirClient, here: Neighbourhood, whole: WholePlan, number: int) -> dict[str, str]:
    text = _words(_GOALS, number)
    whole.goals.append(text)
    made = await practice.create({
        "resourceType": "Goal", "lifecycleStatus": "active", "subject": here.subject, "expressedBy": here.subject,
        "description": {"text": text}, "target": [{"dueDate": "2020-09-30"}],
        "achievementStatus": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/goal-achievement", "code": "improving"}]},
    })  # fmt: skip
    return {"reference": f"Goal/{made['id']}"}


def _written_out(here: Neighbourhood, whole: WholePlan, goals: list[dict[str, str]], number: int) -> dict[str, Any]:
    text = _words(_ACTIONS, number)
    whole.actions.append(text)
    return {"detail": {
        "status": "in-progress", "description": text, "goal": goals[number % len(goals):][:1],
        "performer": [here.reference("community")], "scheduledPeriod": {"start": "2020-06-15", "end": "2020-09-15"},
    }}  # fmt: skip


async def _task(practice: FhirClient, here: Neighbourhood, whole: WholePlan, number: int) -> None:
    text = "Ask " + _words(_ACTIONS, number)
    whole.actions.append(text)
    await practice.create({
        "resourceType": "Task", "status": "requested", "intent": "order", "description": text, "for": here.subject,
        "basedOn": [{"reference": f"CarePlan/{whole.id}"}], "owner": here.reference("community"),
        "requester": here.reference("practice"), "restriction": {"period": {"end": "2020-06-26"}},
    })  # fmt: skip


async def _medicines(practice: FhirClient, here: Neighbourhood, whole: WholePlan, many: int) -> None:
    for number in range(many):
        name, how, reason = _MEDICINES[number % len(_MEDICINES)]
        name = _words(tuple(each[0] for each in _MEDICINES), number)
        whole.medicines.append(name)
        code = {"coding": [{"system": DMD, "code": str(1000 + number), "display": name}]}
        await practice.create({
            "resourceType": "MedicationStatement", "status": "active", "subject": here.subject,
            "dateAsserted": "2020-06-01", "medicationCodeableConcept": code,
            "dosage": [{"text": how}], "reasonCode": [{"text": reason}],
        })  # fmt: skip


def advance_care(resuscitation: str = "do-not-attempt") -> tuple[dict[str, Any], ...]:
    """Admission wishes, the decision about resuscitation, and the preferred place of death (PCPC-072)."""
    return (
        item("admission-wishes", "Only for a broken bone, or pain that cannot be eased at home"),
        item("resuscitation", coding(resuscitation)),
        item("preferred-place-of-death", coding("home")),
    )


async def _answers(practice: FhirClient, whole: WholePlan) -> None:
    here = whole.here
    own = content(
        here.person, whole.id, item("about-me", "I was a bus driver for thirty years and like a good story."),
        item("what-matters", "Being at home, my garden, and my sister Joan."),
        item("strengths", "I cook for myself and know all my neighbours."),
        item("preferences", "Please ring before you come. I am slow to the door."),
        item("involvement-wanted", coding("decide-together")),
        item("communication-needs", "Large print. Speak slowly and face me."),
        item("reasonable-adjustments", "Appointments after ten o'clock."),
        item("agreement", True), item("agreed-by", coding("person")),
        {"linkId": "agreement-date", "answer": [{"valueDate": "2020-06-20"}]},
        source=here.subject, authored="2020-06-20T10:00:00+01:00",
    )  # fmt: skip
    await practice.create(own)
    await practice.create(content(
        here.person, whole.id, *advance_care(), item("health-needs", "Breathless on stairs; sugar to be watched."),
        item("social-needs", "Lives alone. Needs help with shopping."),
        item("self-management", "Weighs herself daily."),
        item("tailored-support", "Short steps, one at a time."), item("contingency", "Grace stays for two nights."),
        item("crisis-steps", "Sit me up and give the spray under the tongue.",
             "If I am not better in ten minutes, call the community nurses on 0113 496 0002."),
        item("emergency-contacts", "Grace Okafor, daughter: 07700 900123"), item("forum", coding("home-visit")),
        {"linkId": "review-date", "answer": [{"valueDate": "2020-12-20"}]}, item("review-person", "Dr Ann Bell"),
        authored="2020-06-20T11:00:00+01:00",
    ))  # fmt: skip
    await practice.create(respect_form(here, whole.id))
    assessed = response(
        "holistic-assessment", here.person, "completed",
        *findings("physical", "psychological", "functional", "social", "environmental"),
        basedOn=[{"reference": f"CarePlan/{whole.id}"}],
    )  # fmt: skip
    await practice.create(assessed)
