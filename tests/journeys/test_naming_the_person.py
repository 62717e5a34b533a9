"""A provider that knows only the NHS number: who is meant is found at once, and nobody is an answer too."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem_tests.neighbourhood import free_nhs_number, nhs_reference, organisation_reference, register, settle_in
from tandem_tests.running import EmbeddedTandem


def about(kind: str, reference: dict[str, Any]) -> dict[str, Any]:
    """A small resource of each owner about a person."""
    return {
        "Task": {"resourceType": "Task", "status": "requested", "intent": "order", "for": reference},
        "ServiceRequest": {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": reference,
        },
        "CarePlan": {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": reference},
        "Observation": {
            "resourceType": "Observation", "status": "final", "code": {"text": "Gait"}, "subject": reference,
        },
    }[kind]  # fmt: skip


@pytest.mark.parametrize("kind", ["Task", "ServiceRequest", "CarePlan", "Observation"])
async def test_an_unknown_person_is_refused_by_name_of_the_element_and_leaves_nothing(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, kind: str
) -> None:
    practice = FhirClient(http, embedded.url, embedded.token("Y99999"))
    number = free_nhs_number()
    for reference in (nhs_reference(number), {"reference": "Patient/nobody-here"}):
        before = (await practice.call("GET", f"{kind}?_summary=count"))["total"]
        refused = await practice.request("POST", kind, about(kind, reference))
        issue = refused.json()["issue"][0]
        assert refused.status_code == 422
        assert issue["expression"][0].startswith(f"{kind}.")
        assert number not in refused.text
        assert (await practice.call("GET", f"{kind}?_summary=count"))["total"] == before


@pytest.mark.parametrize("kind", ["Task", "ServiceRequest", "CarePlan", "Observation"])
async def test_a_person_created_just_now_is_known_to_every_service(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, kind: str
) -> None:
    """No waiting for events: a service that has not heard of the person yet asks."""
    here = await settle_in(http, embedded)
    practice = here.client(http, "practice")
    for _ in range(5):
        person, number = await register(practice, here.organizations["practice"])
        made = await practice.create(about(kind, nhs_reference(number)))
        assert (await practice.read(f"{kind}/{made['id']}"))["id"] == made["id"]
        found = await practice.search(f"{kind}?patient=Patient/{person}")
        assert [each["id"] for each in found] == [made["id"]], "found by id though posted by NHS number"


async def test_a_provider_posts_a_task_about_a_person_created_just_now(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice, provider = here.client(http, "practice"), here.client(http, "community")
    person, number = await register(practice, here.organizations["practice"])
    task = await provider.create(about("Task", nhs_reference(number)) | {
        "owner": organisation_reference(here.codes["community"]), "requester": here.reference("practice"),
    })  # fmt: skip
    assert (await provider.read(f"Task/{task['id']}"))["status"] == "requested", "its sender reads it back"
    assert [each["id"] for each in await practice.search(f"Task?patient=Patient/{person}")] == [task["id"]]
    assert (await provider.request("GET", f"Patient/{person}")).status_code == 404, "which opens nothing"
