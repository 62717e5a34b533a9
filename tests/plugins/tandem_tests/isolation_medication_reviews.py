"""The ways to a medication review: rows of `isolation_operations`."""

from __future__ import annotations

from typing import Any

from tandem.canonical import STAFF_KIND
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.medication_reviews import ASSESSMENT, POLYPHARMACY, PRESCRIBER, qualification
from tandem_tests.neighbourhood import MARK
from tandem_tests.network_area import parameters, part

_REVIEW, _CLINICIAN = "medication-review", "reviewing-clinician"


async def keep(place: Place, practice: FhirClient) -> None:
    """Somebody who may review, and a review of the person that is under way."""
    here = place.here
    person = await practice.create({
        "resourceType": "Practitioner", "active": True,
        "qualification": [qualification(PRESCRIBER), qualification(ASSESSMENT)],
    })  # fmt: skip
    role = await practice.create({
        "resourceType": "PractitionerRole", "active": True, "organization": here.reference("practice"),
        "practitioner": {"reference": f"Practitioner/{person['id']}"},
        "code": [{"coding": [{"system": STAFF_KIND, "code": "clinical-pharmacist"}]}],
    })  # fmt: skip
    await practice.create({
        "resourceType": "MedicationStatement", "status": "active", "subject": here.subject,
        "medicationCodeableConcept": {"text": f"Tablets of {MARK}"}, "dateAsserted": "2020-06-01",
    })  # fmt: skip
    await practice.caught_up()
    place.kept[_CLINICIAN] = f"PractitionerRole/{role['id']}"
    asked = parameters(
        part("patient", valueReference=here.subject), part("clinician", valueString=place.kept[_CLINICIAN]),
        part("reason", valueCoding=POLYPHARMACY),
    )  # fmt: skip
    begun = await practice.call("POST", "CarePlan/$start-medication-review", asked)
    place.kept[_REVIEW] = begun["id"]


def _row(method: str, address: str, *sent: tuple[str, Any], query: str = "") -> None:
    async def ask(asking: Asking) -> str:
        place = asking.place
        words = {"@person": f"Patient/{place.here.person}", "@clinician": place.kept[_CLINICIAN]}
        path = address.replace("[id]", place.kept[_REVIEW]) + query
        pairs = [(name, words.get(value, value) if isinstance(value, str) else value) for name, value in sent]
        return await (asking.post(path, *pairs) if method == "POST" else asking.get(path))

    OPERATIONS[f"{method} {address}"] = ask


_row("POST", "CarePlan/$start-medication-review", ("patient", "@person"), ("clinician", "@clinician"))
_row("GET", "Composition/[id]/$medication-review")
_row("POST", "Composition/[id]/$decide", ("step", [("code", "lifestyle")]))
_row("POST", "Composition/[id]/$complete", ("followUp", "2020-10-01"))
_row("GET", "CarePlan/$medication-review-policy", query="?kind=clinicians")
_row(
    "POST", "CarePlan/$medication-review-policy", ("kind", "formulary"), ("from", "2030-04-01"),
    ("source", "A rehearsal"), ("content", '{"products": [{"code": "319283006", "name": "Amlodipine 5mg tablets"}]}'),
)  # fmt: skip
