"""A person of whom every service holds something, and what an operator does to erase them."""

from __future__ import annotations

from typing import Any, Final

import httpx

from tandem.canonical import NHS_NUMBER
from tandem.demo.client import FhirClient, eventually
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import MARK, Neighbourhood, settle_in
from tandem_tests.running import EmbeddedTandem, ServiceTandem

SNOMED: Final = "http://snomed.info/sct"
DIABETES: Final = {"coding": [{"system": SNOMED, "code": "44054006"}]}
ORDER: Final = {"grounds": "order", "reason": "Court order 2020/17", "approver": "Caldicott guardian"}


def parameters(**given: Any) -> Resource:
    """Parameters with these values; `_` in a name stands for `-`."""
    named = []
    for name, value in given.items():
        kind = "valueBoolean" if isinstance(value, bool) else "valueString"
        named.append({"name": name.replace("_", "-"), kind: value})
    return {"resourceType": "Parameters", "parameter": named}


def records(subject: dict[str, str], number: str) -> list[tuple[str, Resource]]:
    """Records of all services about the person, and who enters each; one names them by NHS number alone."""
    by_number = {"type": "Patient", "identifier": {"system": NHS_NUMBER, "value": number}}
    return [
        ("practice", {"resourceType": "Condition", "subject": subject, "code": DIABETES, "recordedDate": "2019-05-01"}),
        ("practice", {
            "resourceType": "Observation", "status": "final", "subject": by_number, "code": {"text": f"Gait of {MARK}"},
            "effectiveDateTime": "2020-05-01",
        }),
        ("practice", {
            "resourceType": "MeasureReport", "status": "complete", "type": "individual", "subject": subject,
            "measure": "https://tandem.example/fhir/Measure/wellbeing", "date": "2020-06-07",
            "period": {"start": "2020-01-01", "end": "2020-06-01"},
        }),
        ("practice", {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": subject,
            "code": {"text": "Referral to the falls clinic"}, "authoredOn": "2020-04-05",
            "note": [{"text": f"{MARK} fell twice"}],
        }),
        ("practice", {
            "resourceType": "Encounter", "status": "finished", "subject": subject, "class": {"code": "AMB"},
            "period": {"start": "2020-02-03T10:00:00+00:00"},
        }),
        ("community", {
            "resourceType": "Task", "status": "requested", "intent": "order", "for": subject,
            "description": f"Visit {MARK} at home", "authoredOn": "2020-05-06T09:00:00+01:00",
        }),
        ("practice", {
            "resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": subject,
            "title": "Falls prevention", "period": {"start": "2020-03-04"},
        }),
        # A list of several people stays, without the one who was erased.
        ("practice", {
            "resourceType": "Group", "type": "person", "actual": True, "name": "Walks on Mondays",
            "member": [{"entity": {**subject, "display": f"Ada {MARK}"}}],
        }),
    ]  # fmt: skip


async def cared_for(http: httpx.AsyncClient, system: EmbeddedTandem | ServiceTandem) -> Neighbourhood:
    """Settle a network in, and enter the records."""
    here = await settle_in(http, system)
    community = here.client(http, "community")

    async def reaches_the_person() -> bool:
        return (await community.request("GET", f"Patient/{here.person}")).status_code == 200

    await eventually(reaches_the_person, community.caught_up)
    for role, record in records(here.subject, here.nhs_number):
        await here.client(http, role).create(record)
    await community.caught_up()
    return here


async def die(client: FhirClient, person: str) -> None:
    """Enter the death, and wait until everybody knows."""
    patient = await client.read(f"Patient/{person}")
    await client.call("PUT", f"Patient/{person}", {**patient, "deceasedDateTime": "2020-06-20"})
    await client.caught_up()


async def complete(operator: FhirClient) -> Resource | None:
    """The only erasure there is, once every service has carried it out."""
    listed = await operator.call("GET", "Patient/$erasures")
    [order] = listed["parameter"]
    said = {part["name"]: part for part in order["part"]}
    return order if said["complete"]["valueBoolean"] else None
