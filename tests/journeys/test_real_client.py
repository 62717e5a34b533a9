"""A client that others wrote, fhirpy, against the running system."""

from __future__ import annotations

import asyncio

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from tandem.demo.cast import Cast
from tandem.synth import Summary
from tandem_tests.running import EmbeddedTandem

SYSTEM = "https://tandem.example/fhir/Id/client-test"


async def test_fhirpy(network: tuple[Summary, Cast], embedded: EmbeddedTandem) -> None:
    summary, cast = network
    token = embedded.token(cast.practice_code)
    await asyncio.to_thread(use_fhirpy, embedded.url, token, summary.protagonist.patient_id)


def use_fhirpy(url: str, token: str, patient: str) -> None:
    client = SyncFHIRClient(f"{url}/fhir", authorization=f"Bearer {token}")
    people = client.resources("Patient")
    assert people.count() == len(people.limit(2).fetch_all()), "every page of two is followed"
    person = people.search(name="hartley").first()
    assert person.id == patient

    task = client.resource("Task", status="requested", intent="order", **{"for": person.to_reference()})
    task.save()
    assert task["meta"]["versionId"] == "1"
    task["status"] = "accepted"
    task.save()
    assert task["meta"]["versionId"] == "2"
    found = client.resources("Task").search(patient=person.id, status="accepted").sort("-_lastUpdated").fetch()
    assert task.id in {each.id for each in found}
    bundle = client.resources("Observation").search(patient=person.id).include("Observation", "patient").fetch_raw()
    assert {"match", "include"} == {entry["search"]["mode"] for entry in bundle.entry}

    named = client.resource("Task", status="draft", intent="plan", identifier=[{"system": SYSTEM, "value": patient}])
    one, made = client.resources("Task").search(identifier=f"{SYSTEM}|{patient}").get_or_create(named)
    same, made_again = client.resources("Task").search(identifier=f"{SYSTEM}|{patient}").get_or_create(named)
    assert (made, made_again, same.id) == (True, False, one.id)

    task.delete()
    with pytest.raises(ResourceNotFound):
        client.reference("Task", task.id).to_resource()
    with pytest.raises(OperationOutcome):
        client.resources("Task").search(nonsense="x").fetch()
