"""Who sees a person changes: with the registration, with the end of an agreement, with the person's own word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from tandem.demo.client import FhirClient, eventually
from tandem_tests.neighbourhood import Neighbourhood, admit, plan_of, settle_in
from tandem_tests.running import EmbeddedTandem

TYPES = ("Patient", "Observation", "CareTeam", "CarePlan", "Task", "ServiceRequest", "MedicationStatement")


async def record(practice: FhirClient, here: Neighbourhood) -> dict[str, str]:
    """One record of each type about the person, by its practice: type -> reference."""
    made = {"Patient": f"Patient/{here.person}", "CareTeam": f"CareTeam/{here.team}"}
    made["Observation"] = f"Observation/{await admit(practice, here.person, '2020-06-28')}"
    made["CarePlan"] = f"CarePlan/{(await plan_of(practice, here.person))['id']}"
    for resource in (
        {"resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject},
        {"resourceType": "ServiceRequest", "status": "draft", "intent": "order", "subject": here.subject},
        {"resourceType": "MedicationStatement", "status": "active", "subject": here.subject,
         "medicationCodeableConcept": {"text": "Senna"}},
    ):  # fmt: skip
        kept = await practice.create(resource)
        made[kept["resourceType"]] = f"{kept['resourceType']}/{kept['id']}"
    await practice.caught_up()
    return made


async def sees(client: FhirClient, records: dict[str, str]) -> set[str]:
    """The types of these records that are there for this organisation, by every way of looking alike."""
    found = set()
    for kind, reference in records.items():
        only = f"{kind}?_id={reference.partition('/')[2]}"
        paths = (reference, f"{reference}/_history/1", f"{reference}/_history")
        statuses = {(await client.request("GET", path)).status_code for path in paths}
        counted = (await client.call("GET", f"{only}&_summary=count"))["total"]
        listed = len(await client.search(only))
        assert (statuses, counted, listed) in (({200}, 1, 1), ({404}, 0, 0)), (kind, statuses, counted, listed)
        if counted:
            found.add(kind)
    return found


async def test_a_person_who_registers_elsewhere_is_seen_there_and_no_longer_here(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    old, new = here.client(http, "practice"), here.client(http, "other")
    records = await record(old, here)
    [group] = await old.search("Group?code=care-home-residents")
    assert await sees(old, records) == set(TYPES)
    assert await sees(new, records) == set()

    held = await old.read(records["Patient"])
    held["generalPractitioner"] = [{"reference": f"Organization/{here.organizations['other']}"}]
    await old.call("PUT", records["Patient"], held)
    await new.caught_up()

    assert await sees(new, records) == set(TYPES)
    for role in ("practice", "network", "community"):
        assert await sees(here.client(http, role), records) == set(), role
    for path in (
        f"Group/{group['id']}/$explain?patient={records['Patient']}", f"{records['CarePlan']}/$clocks",
        f"MedicationStatement/$current?patient={records['Patient']}",
    ):  # fmt: skip
        assert (await old.request("GET", path)).status_code == 404, path
    assert (await old.call("GET", f"Group/{group['id']}/$members"))["quantity"] == 0
    refused = await old.request("PUT", records["Patient"], held)
    assert refused.status_code == 404, "handed over is handed over"

    [group] = await eventually(lambda: new.search("Group?code=care-home-residents"), new.caught_up)
    why = await new.call("GET", f"Group/{group['id']}/$explain?patient={records['Patient']}")
    assert {"name": "member", "valueBoolean": True} in why["parameter"]


async def test_an_agreement_that_ends_closes_without_any_write(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    here = await settle_in(http, system, period={"start": "2020-06-01", "end": "2020-07-31"})
    records = await record(here.client(http, "practice"), here)
    community = here.client(http, "community")
    for moment, seen in (("2020-07-31T23:59", set(TYPES)), ("2020-08-01T00:00", set())):
        moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data)
        assert moved.returncode == 0, moved.stderr
        assert await sees(community, records) == seen, moment
        assert await sees(here.client(http, "practice"), records) == set(TYPES)
        assert await sees(here.client(http, "network"), records) == set(TYPES)


async def test_a_recorded_dissent_closes_sharing_by_agreement_and_not_the_practices_own_record(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    records = await record(practice, here)
    assert await sees(community, records) == set(TYPES)

    consent = await practice.create({
        "resourceType": "Consent", "status": "active", "patient": here.subject, "dateTime": "2020-07-01",
        "scope": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy",
        }]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "policyRule": {"text": "No sharing outside the practice"}, "provision": {"type": "deny"},
    })  # fmt: skip
    await practice.caught_up()
    assert await sees(community, records) == set()
    assert await sees(practice, records) == set(TYPES)
    assert await sees(here.client(http, "network"), records) == set(TYPES)

    withdrawn = [{"op": "replace", "path": "/status", "value": "inactive"}]
    await practice.patch(f"Consent/{consent['id']}", withdrawn)
    await practice.caught_up()
    assert await sees(community, records) == set(TYPES)
