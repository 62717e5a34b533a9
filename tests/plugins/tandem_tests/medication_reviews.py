"""Structured medication reviews as a clinical system holds them, through the API alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tandem.canonical import DMD, PRACTITIONER_QUALIFICATION, SNOMED_CT, STAFF_KIND
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.practice_lists import PracticeLists, coded
from tandem_tests.questionnaire_responses import item, response
from tandem_tests.running import EmbeddedTandem

REVIEW = "1239511000000100"
POLYPHARMACY = {"system": SNOMED_CT, "code": "870661000000100", "display": "Polypharmacy medication review"}
AMLODIPINE = ("319283006", "Amlodipine 5mg tablets")
IBUPROFEN = ("329653008", "Ibuprofen 400mg tablets")
RAMIPRIL = ("318902004", "Ramipril 5mg capsules")
SALBUTAMOL = ("39113611000001102", "Salbutamol 100micrograms/dose inhaler CFC free")
EASYHALER = ("9207411000001106", "Salbutamol 100micrograms/dose dry powder inhaler")
STEPS = ("what-matters", "adherence", "harm", "monitoring", "information")
PRESCRIBER, ASSESSMENT, TRAINING = (
    "independent-prescriber", "advanced-assessment-and-history-taking", "medication-review-training",
)  # fmt: skip
_CATEGORY = "http://terminology.hl7.org/CodeSystem/medication-statement-category"


def product(medicine: tuple[str, str]) -> dict[str, Any]:
    """A medicine of dm+d."""
    return coded(*medicine, DMD)


@dataclass(slots=True)
class Reviews:
    """A practice in a network, and `pharmacist`, a PractitionerRole of the network that may review."""

    here: Neighbourhood
    http: httpx.AsyncClient
    lists: PracticeLists
    pharmacist: str = ""

    @property
    def practice(self) -> FhirClient:
        """The practice as a client."""
        return self.lists.client

    async def staff(self, kind: str, *qualifications: str, role: str = "network") -> tuple[str, str]:
        """Somebody who works for an organisation: `PractitionerRole/id` and `Practitioner/id`, known everywhere."""
        client = self.here.client(self.http, role)
        person = await client.create({
            "resourceType": "Practitioner", "active": True, "name": [{"family": "Okafor"}],
            "qualification": [qualification(each) for each in qualifications],
        } if qualifications else {"resourceType": "Practitioner", "active": True})  # fmt: skip
        made = await client.create({
            "resourceType": "PractitionerRole", "active": True, "organization": self.here.reference(role),
            "practitioner": {"reference": f"Practitioner/{person['id']}"},
            "code": [{"coding": [{"system": STAFF_KIND, "code": kind}]}],
        })  # fmt: skip
        await self.practice.caught_up()
        return f"PractitionerRole/{made['id']}", f"Practitioner/{person['id']}"

    async def start(self, patient: str, *more: dict[str, Any], **asked: Any) -> Resource:
        """Begin or go on: the Composition."""
        clinician = asked.pop("clinician", self.pharmacist)
        client: FhirClient = asked.pop("client", self.practice)
        reasons = asked.pop("reasons", (POLYPHARMACY,))
        return await client.call("POST", "CarePlan/$start-medication-review", parameters(
            part("patient", valueReference={"reference": f"Patient/{patient}"}),
            part("clinician", valueReference={"reference": clinician}),
            *(part("reason", valueCoding=each) for each in reasons), *more,
        ))  # fmt: skip

    async def decide(self, review: Resource, *rows: dict[str, Any]) -> Resource:
        """Decide and record steps."""
        return await self.practice.call("POST", f"Composition/{review['id']}/$decide", parameters(*rows))

    async def steps(self, review: Resource, *left_out: str) -> None:
        """Record every mandatory step that is recorded by itself."""
        done = [part("step", part("code", valueString=each)) for each in STEPS if each not in left_out]
        await self.decide(review, *done)

    async def shared_decision(self, review: Resource, *items: dict[str, Any], **more: Any) -> Resource:
        """A completed shared decision based on the process of a review."""
        process = await self.process(review)
        held = items or (
            item("options", "Stop", "Go on"), item("preferences", "Fewer tablets"), item("decision", "Go on for now"),
            item("no-tool-reason", "No tool exists for this"),
        )  # fmt: skip
        return await self.practice.create(response(
            "shared-decision", review["subject"]["reference"].removeprefix("Patient/"),
            more.pop("status", "completed"), item("situation", POLYPHARMACY), *held,
            basedOn=[{"reference": process}], **more,
        ))  # fmt: skip

    async def process(self, review: Resource) -> str:
        """The reference of the process that a review belongs to."""
        [found] = values(await self.shown(review), "process")
        return str(found["reference"])

    async def shown(self, review: Resource) -> Resource:
        """The review as it stands."""
        return await self.practice.call("GET", f"Composition/{review['id']}/$medication-review")

    async def complete(self, review: Resource, **given: Any) -> Resource:
        """Complete it with a follow-up on 1 October, unless something else is given."""
        rows = [part(name, **value) for name, value in given.items()] or [part("followUp", valueDate="2020-10-01")]
        return await self.practice.call("POST", f"Composition/{review['id']}/$complete", parameters(*rows))

    async def refused(self, review: Resource, **given: Any) -> list[str]:
        """What completing is refused for; it stays preliminary."""
        with pytest.raises(Refused) as refusal:
            await self.complete(review, **given)
        assert refusal.value.status == 422
        assert (await self.practice.read(f"Composition/{review['id']}"))["status"] == "preliminary"
        return told(refusal)

    async def state(self, patient: str, medicine: tuple[str, str], category: str, **more: Any) -> Resource:
        """A MedicationStatement of a category, such as patientspecified."""
        return await self.practice.create({
            "resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": product(medicine),
            "subject": {"reference": f"Patient/{patient}"}, "dateAsserted": "2020-06-20",
            "category": {"coding": [{"system": _CATEGORY, "code": category}]}, **more,
        })  # fmt: skip

    async def all_but_medicines(self, review: Resource, *left_out: str) -> None:
        """Everything that completing asks for besides decisions about medicines."""
        await self.steps(review, *left_out)
        await self.shared_decision(review)


def qualification(code: str) -> dict[str, Any]:
    """One of Practitioner.qualification."""
    return {"code": {"coding": [{"system": PRACTITIONER_QUALIFICATION, "code": code}]}}


def decision(medicine: tuple[str, str], said: str, reason: Any = None, **more: Any) -> dict[str, Any]:
    """A row of `$decide`; `reason` is a text or a Coding."""
    given = [part("medicine", valueCodeableConcept=product(medicine)), part("decision", valueCode=said)]
    if reason is not None:
        given.append(part("reason", **{"valueString" if isinstance(reason, str) else "valueCoding": reason}))
    if "new" in more:
        given.append(part("new", valueCodeableConcept=product(more["new"])))
    if "dosage" in more:
        given.append(part("dosage", valueString=more["dosage"]))
    return part("medicine", *given)


def medicines(shown: Resource) -> dict[str, list[dict[str, Any]]]:
    """The parts of each medicine of `$medication-review`, by its name."""
    return {values(each, "name")[0]: each for each in values(shown, "medicine")}


def told(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Everything that a refusal says."""
    return [issue["details"]["text"] for issue in refusal.value.outcome["issue"]]


async def new_reviews(http: httpx.AsyncClient, system: EmbeddedTandem) -> Reviews:
    """A neighbourhood whose network has a pharmacist that may review."""
    here = await settle_in(http, system)
    reviews = Reviews(here, http, PracticeLists(here, here.client(http, "practice")))
    reviews.pharmacist, _ = await reviews.staff("clinical-pharmacist", PRESCRIBER, ASSESSMENT)
    return reviews
