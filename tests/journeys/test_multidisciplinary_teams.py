"""Multidisciplinary teams: their make-up, who may manage them, and what they lack."""

from __future__ import annotations

import httpx
import pytest

from tandem.demo.client import Refused
from tandem_tests.mdt_meetings import CLOSE, meetings, shown
from tandem_tests.network_area import values
from tandem_tests.running import EmbeddedTandem


@pytest.mark.requirement("AC-008")
async def test_a_team_of_four_sectors_lacks_none_and_without_one_it_is_flagged(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    whole = await made.establish("gp", "nurse", "worker", "friend")
    schedule, _ = await made.plan(whole)
    team = await made.client("network").read(f"{schedule}/$team")
    assert {each["name"][0]: each["filled"] for each in shown(team, "sector")} == {
        "primary": [True], "community": [True], "social-care": [True], "voluntary": [True],
    }  # fmt: skip
    lacking = await made.establish("gp", "nurse", "worker")
    schedule, _ = await made.plan(lacking)
    team = await made.client("network").read(f"{schedule}/$team")
    assert [each["name"][0] for each in shown(team, "sector") if each["filled"] == [False]] == ["voluntary"]


@pytest.mark.requirement("PCN-073")
async def test_a_neighbourhood_team_shows_each_discipline_filled_or_missing(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    await made.employ("physio", "community", "physiotherapist")
    team = await made.establish("gp", "pharmacist", "nurse", "physio", "friend", category="neighbourhood-team")
    schedule, _ = await made.plan(team)
    # Whoever is of the team reads its listing.
    listing = await made.client("community").read(f"{schedule}/$team")
    disciplines = {each["name"][0]: each for each in shown(listing, "discipline")}
    filled = {name: each["filled"] == [True] for name, each in disciplines.items()}
    assert filled == {
        "gp": True, "pharmacist": True, "district-nursing": True, "community-geriatrician": False,
        "allied-health-professional": True, "social-care": False, "voluntary-sector": True,
    }  # fmt: skip
    assert disciplines["district-nursing"]["by"] == [{"reference": made.staff["nurse"]}]
    organisations = {each["organisation"][0] for each in shown(listing, "member")}
    assert organisations == {
        made.practice.here.codes["practice"], made.practice.here.codes["community"],
        made.practice.here.codes["voluntary"].replace("#", "|"),
    }  # fmt: skip


@pytest.mark.requirement("PCN-066")
async def test_a_team_has_members_roles_organisations_cadence_and_quorum_and_a_meeting_below_it_is_marked(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    team = await made.establish("gp", "nurse", "worker", weeks=2, quorum=3)
    schedule, [few] = await made.plan(team)
    listing = await made.client("network").read(f"{schedule}/$team")
    assert (values(listing, "quorum"), values(listing, "cadence")) == ([3], ["every 2 wk"])
    members = {each["who"][0]["reference"]: each for each in shown(listing, "member")}
    nurse = members[made.staff["nurse"]]
    assert (nurse["role"], nurse["kind"]) == (["nurse"], ["community-nurse"])
    assert nurse["organisation"] == [made.practice.here.codes["community"]]
    assert nurse["organisation-kind"] == ["community-provider"]
    await made.record(few, *made.attended("gp", "nurse"), CLOSE)
    record = await made.client("community").read(f"{few}/$record")
    assert (values(record, "attended"), values(record, "quorum"), values(record, "below-quorum")) == ([2], [3], [True])
    _, [enough] = await made.plan(team, "2020-06-24T08:00+01:00")
    record = await made.record(enough, *made.attended("gp", "nurse", "worker"), CLOSE)
    assert values(record, "below-quorum") == [False]
    evidence = await made.client("network").read(f"{schedule}/$evidence")
    assert values(evidence, "below-quorum") == [1]


@pytest.mark.requirement("EHCH-024")
async def test_a_provider_manages_a_team_by_a_recorded_agreement_and_its_attendance_is_recorded(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    here = made.practice.here
    managed = made.team("gp", "nurse") | {"managingOrganization": [here.reference("community")]}
    with pytest.raises(Refused) as refused:
        await made.client("network").create(managed)
    assert refused.value.status == 422
    assert "000 §3.16 r4" in refused.value.text
    # One that only one party has signed is no agreement.
    await made.draft_agreement("network", "community")
    await made.sign("network")
    await made.sign("practice")
    await made.client("operator").caught_up()
    with pytest.raises(Refused):
        await made.client("network").create(managed)
    await made.sign("community")
    await made.client("operator").caught_up()
    team = await made.client("network").create(managed)
    await made.client("operator").caught_up()
    # Who manages the team plans its meetings and closes their record.
    schedule, [meeting] = await made.plan(f"CareTeam/{team['id']}", by="community")
    record = await made.record(meeting, *made.attended("gp", "nurse"), CLOSE, by="community")
    attended = {each["organisation-kind"][0] for each in shown(record, "attendee") if each["attended"] == [True]}
    assert attended == {"practice", "community-provider"}
    evidence = await made.client("network").read(f"{schedule}/$evidence")
    assert [each["meetings"] for each in shown(evidence, "attendance")] == [[1], [1]]
    assert here.codes["community"] in {each["organisation"][0] for each in shown(evidence, "attendance")}


async def test_a_team_says_what_cannot_be_read_of_it_all_at_once(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    made = await meetings(http, embedded)
    team = made.team("gp", weeks=1.5)
    del team["participant"]
    with pytest.raises(Refused) as refused:
        await made.client("network").create(team)
    assert refused.value.status == 422
    told = " ".join(issue["details"]["text"] for issue in refused.value.outcome["issue"])
    assert "cadence is a Timing" in told
    assert "names its members" in told
