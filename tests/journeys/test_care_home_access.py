"""What the staff of a care home read: their own residents' shared records, under an agreement, and nothing else."""

from __future__ import annotations

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem_tests.network_area import Area, new_area, parameters, part
from tandem_tests.running import EmbeddedTandem


async def resident(area: Area, home: str) -> dict[str, str]:
    """Someone who lives in a home, with the home on the team: their Patient, shared plan and a private record."""
    practice, patient = area.client("northern"), await area.register("northern")
    await area.move_in("northern", patient, home, "2020-05-01")
    await practice.create({
        "resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{patient}"},
        "participant": [{"member": area.reference(home), "period": {"start": "2020-05-01"}}],
    })  # fmt: skip
    allergy = await practice.create({
        "resourceType": "AllergyIntolerance", "patient": {"reference": f"Patient/{patient}"},
        "code": {"text": "Penicillin"},
        "clinicalStatus": {"coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}
        ]},
    })  # fmt: skip
    note = await practice.create({
        "resourceType": "Observation", "status": "final", "code": {"text": "What the GP keeps"},
        "subject": {"reference": f"Patient/{patient}"},
    })  # fmt: skip
    return {
        "person": f"Patient/{patient}", "shared": f"AllergyIntolerance/{allergy['id']}",
        "private": f"Observation/{note['id']}",
    }  # fmt: skip


async def agree(area: Area, home: str) -> None:
    """The practice drafts the agreement with the home, and both sign it."""
    asked = parameters(
        part("template", valueString="data-sharing"), part("party", valueReference=area.reference(home)),
        part("purpose", valueCode="TREAT"), part("data", valueCode="Patient"),
        part("data", valueCode="AllergyIntolerance"), part("start", valueDate="2020-07-01"),
    )  # fmt: skip
    bundle = await area.client("northern").call("POST", "OrganizationAffiliation/$draft-agreement", asked)
    for entry in bundle["entry"]:
        for party in ("northern", home):
            token = area.system.token(area.codes[party], user=f"Practitioner/of-{party}")
            client = FhirClient(area.http, area.system.url, token)
            await client.call("POST", f"OrganizationAffiliation/{entry['resource']['id']}/$sign")


async def statuses(client: FhirClient, person: dict[str, str]) -> dict[str, int]:
    return {name: (await client.request("GET", path)).status_code for name, path in person.items()}


@pytest.mark.requirement("EHCH-091")
async def test_a_care_home_user_reads_the_shared_records_of_its_own_residents_under_an_agreement(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    area = await new_area(http, embedded)
    ours, theirs = await resident(area, "elms"), await resident(area, "oaks")
    neighbour = await area.register("northern")
    carer = FhirClient(
        http, embedded.url, embedded.token(area.codes["elms"], user="Practitioner/carer", purpose="TREAT")
    )
    closed = {"person": 404, "shared": 404, "private": 404}
    assert await statuses(carer, ours) == closed, "without an agreement"
    trail = await area.client("northern").search(f"AuditEvent?entity={ours['shared']}&agent={area.codes['elms']}")
    assert [event["outcome"] for event in trail] == ["4"]
    assert trail[0]["agent"][0]["who"] == {"reference": "Practitioner/carer"}

    await agree(area, "elms")
    assert await statuses(carer, ours) == {"person": 200, "shared": 200, "private": 404}
    assert await statuses(carer, theirs) == closed, "who lives in another home"
    assert (await carer.request("GET", f"Patient/{neighbour}")).status_code == 404, "who lives at home"
    found = await carer.search("Patient?family=Hartley")
    assert [f"Patient/{each['id']}" for each in found] == [ours["person"]]
    other = FhirClient(http, embedded.url, embedded.token(area.codes["oaks"], user="Practitioner/7", purpose="TREAT"))
    assert await statuses(other, theirs) == closed, "its home has no agreement"

    patient = ours["person"].removeprefix("Patient/")
    query = f"AuditEvent?patient={patient}&agent={area.codes['elms']}&subtype=read"
    trail = await area.client("northern").search(query)
    outcomes: dict[str, list[str]] = {}
    for event in reversed(trail):
        outcomes.setdefault(event["entity"][1]["what"]["reference"], []).append(event["outcome"])
    assert outcomes == {ours["person"]: ["4", "0"], ours["shared"]: ["4", "0"], ours["private"]: ["4", "4"]}
