"""The ways to appointments and to what has to be done: rows of `isolation_operations`."""

from __future__ import annotations

from tandem.canonical import APPOINTMENT_KIND, TASK_KIND
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.neighbourhood import MARK

_INTERVENTION = "https://tandem.example/fhir/CodeSystem/intervention"


async def keep(place: Place, practice: FhirClient) -> None:
    """Book a visit under an intervention, and have something done and something to do."""
    here = place.here
    visit = await practice.create({
        "resourceType": "Appointment", "status": "booked", "comment": MARK,
        "serviceType": [{"coding": [{"system": APPOINTMENT_KIND, "code": "home-visit"}]}],
        "serviceCategory": [{"coding": [{"system": _INTERVENTION, "code": "rehearsal"}]}],
        "start": "2020-07-06T09:00:00+01:00", "end": "2020-07-06T09:30:00+01:00",
        "participant": [{"actor": here.subject, "status": "accepted"}],
    })  # fmt: skip
    place.kept["visit"] = str(visit["id"])
    for status in ("requested", "completed"):
        await practice.create({
            "resourceType": "Task", "status": status, "intent": "order", "for": here.subject, "description": MARK,
            "code": {"coding": [{"system": TASK_KIND, "code": "urgent-enquiry"}]}, "authoredOn": "2020-06-30",
            "owner": here.reference("practice"), "lastModified": "2020-06-30",
        })  # fmt: skip


def _get(address: str, query: str) -> None:
    async def ask(asking: Asking) -> str:
        here = asking.place.here
        filled = query.replace("@practice", here.codes["practice"]).replace("@id", here.person)
        return await asking.get(address + filled)

    OPERATIONS[f"GET {address}"] = ask


async def _record_outcome(asking: Asking) -> str:
    return await asking.post(f"Appointment/{asking.place.kept['visit']}/$outcome", ("outcome", "Seen"))


async def _publish_policy(asking: Asking) -> str:
    return await asking.post(
        "Appointment/$review-appointment-policy", ("mode", "In-person"), ("from", "2095-01-01"), ("source", "Rehearsal")
    )


_get("Appointment/$offer", "?patient=Patient/@id")
_get("Appointment/$intervention-activity", "?intervention=rehearsal")
_get("Appointment/$review-appointment-policy", "")
_get("Task/$inbox", "?owner=@practice&_count=1000")
_get("Task/$delivered", "?patient=Patient/@id")
OPERATIONS["POST Appointment/[id]/$outcome"] = _record_outcome
OPERATIONS["POST Appointment/$review-appointment-policy"] = _publish_policy
