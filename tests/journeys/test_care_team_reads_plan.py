"""A plan is shared with those who are part of it, and with nobody else."""

from __future__ import annotations

import httpx
import pytest

from tandem.demo.cast import Cast, code_of
from tandem.demo.client import FhirClient, eventually
from tandem.demo.journey import SharedCareJourney
from tandem.synth import Summary
from tandem_tests.running import EmbeddedTandem


async def reads(client: FhirClient, plan: str) -> bool:
    """Whether the plan is there for this organisation: by read, by search and in the count alike."""
    status = (await client.request("GET", plan)).status_code
    found = await client.search(f"CarePlan?_id={plan.partition('/')[2]}")
    counted = (await client.call("GET", f"CarePlan?_id={plan.partition('/')[2]}&_summary=count"))["total"]
    assert (status, len(found), counted) in ((200, 1, 1), (404, 0, 0))
    return status == 200


@pytest.mark.requirement("PCPC-070")
async def test_every_organisation_of_the_team_reads_the_active_plan_and_no_other(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, network: tuple[Summary, Cast]
) -> None:
    summary, cast = network
    journey = SharedCareJourney(cast)
    await journey.plan_is_opened()
    members = {"community": cast.community, "voluntary": cast.voluntary, "pharmacy": cast.pharmacy}
    for client in members.values():
        assert not await reads(client, journey.plan), "nobody but the practice before there is a team"

    plan = await journey.practice_contributes()
    assert plan["status"] == "active"
    team = await cast.practice.read(plan["careTeam"][0]["reference"])
    assert len(team["participant"]) == 2 + len(members), "with the responsible lead and the practice"
    await cast.practice.caught_up()
    for client in (cast.practice, *members.values()):
        assert await eventually(lambda client=client: reads(client, journey.plan), cast.practice.caught_up)

    members_named = [participant["member"].get("identifier") for participant in team["participant"]]
    named = {identifier["value"] for identifier in members_named if identifier is not None}
    outside = [provider for provider in (*summary.providers, *summary.care_homes) if provider.code not in named]
    assert any(provider.agreement for provider in outside), "an agreement alone opens nothing"
    others = [code for code in summary.practice_codes if code != cast.practice_code]
    for code in (*map(code_of, outside), *others):
        assert not await reads(FhirClient(http, embedded.url, embedded.token(code)), journey.plan), code


async def test_a_professional_on_the_team_opens_the_plan_to_their_employer_as_long_as_they_work_there(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, network: tuple[Summary, Cast]
) -> None:
    _, cast = network
    journey = SharedCareJourney(cast)
    await journey.plan_is_opened()
    practice, community = cast.practice, cast.community
    role = await community.create(
        {"resourceType": "PractitionerRole", "active": True, "organization": cast.community_reference}
    )
    assert not await reads(community, journey.plan)

    plan = await practice.read(journey.plan)
    nurse = {"member": {"reference": f"PractitionerRole/{role['id']}"}}
    await practice.create(
        {"resourceType": "CareTeam", "status": "active", "subject": plan["subject"], "participant": [nurse]}
    )
    assert await eventually(lambda: reads(community, journey.plan), practice.caught_up)
    await community.call("PUT", f"PractitionerRole/{role['id']}", {**role, "active": False})

    async def closed() -> bool:
        return not await reads(community, journey.plan)

    assert await eventually(closed, practice.caught_up)
