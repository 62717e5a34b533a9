"""What is given to somebody of the staff is in the inbox of their employer as well, as long as they work there."""

from __future__ import annotations

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import settle_in
from tandem_tests.network_area import values
from tandem_tests.running import EmbeddedTandem


async def inbox(client: FhirClient, asked: str = "") -> list[str]:
    await client.caught_up()
    told = values(await client.call("GET", f"Task/$inbox{asked}"), "task")
    return [values(each, "task")[0]["reference"] for each in told]


def task(patient: dict[str, str], owner: str) -> Resource:
    return {
        "resourceType": "Task", "status": "requested", "intent": "order", "for": patient, "owner": {"reference": owner},
    }  # fmt: skip


@pytest.mark.parametrize("by_id", [True, False])
async def test_the_inbox_of_an_organisation_holds_what_its_staff_have_to_do(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, by_id: bool
) -> None:
    here = await settle_in(http, embedded)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    named = {"reference": f"Organization/{here.organizations['community']}"} if by_id else here.reference("community")
    role = await community.create({"resourceType": "PractitionerRole", "active": True, "organization": named})
    person, owner = here.subject, f"PractitionerRole/{role['id']}"
    made = f"Task/{(await practice.create(task(person, owner)))['id']}"
    code = here.codes["community"]
    assert await inbox(community) == await inbox(community, f"?owner={code}") == [made]
    assert await inbox(community, f"?owner={owner}") == [made]
    assert await inbox(practice) == []
    assert await inbox(practice, f"?owner={code}") == [made]
    assert await inbox(here.client(http, "partless"), f"?owner={code}") == [], "who may not see the Task does not"
    await community.call("PUT", owner, {**role, "period": {"end": "2020-06-30"}})
    assert await inbox(community) == [], "nobody who has left"
    assert await inbox(community, "?as-of=2020-06-30T12:00:00Z") == [], "the Task was made later"
    assert await inbox(community, f"?owner={owner}") == [made]
