"""The lists of 2023, filtered by those who offer care, and how they change as days go by without any write."""

from __future__ import annotations

import httpx
import pytest

from tandem.demo.client import FhirClient, eventually
from tandem_tests.listed_people import (
    HYPERTENSION,
    LIVES_ALONE,
    MODERATE_FRAILTY,
    OSTEOARTHRITIS,
    group_of,
    has_condition,
    is_observed,
    judgement,
    on_list,
    parameters,
    practitioner,
)  # fmt: skip
from tandem_tests.neighbourhood import Neighbourhood, register, settle_in
from tandem_tests.running import EmbeddedTandem

START = "2023-07-03T09:00+01:00"
FALL = ("298344006", "Elderly fall")


@pytest.fixture
def system(new_system: object) -> EmbeddedTandem:
    """A system in July 2023 whose clock may be moved."""
    started: EmbeddedTandem = new_system("--clock", START)  # type: ignore[operator]
    return started


async def three_people(here: Neighbourhood, http: httpx.AsyncClient) -> tuple[str, str]:
    """Of the practice: the person, frail and alone after a fall; and one with two conditions, whom nobody shares."""
    practice = here.client(http, "practice")
    other, _ = await register(practice, here.organizations["practice"], "Second")
    await has_condition(practice, here.person, MODERATE_FRAILTY)
    await has_condition(practice, here.person, LIVES_ALONE)
    await is_observed(practice, here.person, FALL, "2023-06-30")
    for code in (HYPERTENSION, OSTEOARTHRITIS):
        await has_condition(practice, other, code)
    await has_condition(here.client(http, "other"), here.neighbour, MODERATE_FRAILTY)
    await practice.caught_up()
    return here.person, other


async def moved(client: FhirClient, system: EmbeddedTandem, http: httpx.AsyncClient, to: str) -> None:
    """Move the clock."""
    token = system.token("T0001", operator=True)
    answer = await http.post(f"{system.url}/clock", json={"now": to}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code < 300, answer.text
    await client.caught_up()


@pytest.mark.requirement("AC-016")
async def test_network_and_community_filter_the_list_and_others_are_refused(
    system: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, system)
    person, other = await three_people(here, http)
    practice, network, community = (here.client(http, role) for role in ("practice", "network", "community"))
    group = await group_of(practice, "anticipatory-care")
    everyone = {person, other}
    for client, theirs in ((practice, everyone), (network, everyone), (community, {person})):
        assert set(await on_list(client, group)) == theirs
        assert set(await on_list(client, group, "segment=ac-segment-frailty")) == {person}
        assert set(await on_list(client, group, "segment=multimorbidity")) == theirs - {person}
        assert set(await on_list(client, group, "need=falls")) == {person}
        assert set(await on_list(client, group, "intervention=comprehensive geriatric assessment")) == {person}
        assert set(await on_list(client, group, "intervention=multidisciplinary")) == theirs
        assert await on_list(client, group, "intervention=acupuncture") == {}
        risks = {patient: listed["rank"][0] for patient, listed in (await on_list(client, group)).items()}
        assert risks[person] > 0
        assert set(await on_list(client, group, f"risk={risks[person]}")) == {person}
        assert await on_list(client, group, f"risk={risks[person] + 1}") == {}
    for role in ("other", "partless", "voluntary", "commissioner"):
        refused = await here.client(http, role).request("GET", f"{group}/$members?need=falls")
        assert refused.status_code == 404, role
        assert person not in refused.text
    [theirs] = await here.client(http, "other").search("Group?code=anticipatory-care")
    assert set(await on_list(here.client(http, "other"), f"Group/{theirs['id']}")) == {here.neighbour}
    assert (await practice.request("GET", f"Group/{theirs['id']}/$members")).status_code == 404


@pytest.mark.requirement("AC-017")
async def test_the_list_is_read_over_time_with_who_joined_and_left_and_why(
    system: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    here = await settle_in(http, system)
    person, other = await three_people(here, http)
    practice = here.client(http, "practice")
    group = await group_of(practice, "anticipatory-care")
    joined = (await on_list(practice, group))[person]
    assert joined["since"] == ["2023-07-03"]
    assert {each["code"][0]["code"] for each in joined["evidence"]} == {MODERATE_FRAILTY[0]}

    author = await practitioner(practice, "Bell")
    off = judgement(other, "remove", author, reason="Is well, and asked not to be called", expiry="2023-08-01")
    await practice.call("POST", f"{group}/$judge", off)
    gone = (await on_list(practice, group, "history=true"))[other]
    assert (gone["until"], gone["endedBy"]) == (["2023-07-03"], ["judgement"])
    assert gone["judgement"][0]["reason"] == ["Is well, and asked not to be called"]

    rank = joined["rank"][0]
    await moved(practice, system, http, "2024-03-04T09:00:00Z")

    async def others() -> set[str]:
        return set(await on_list(practice, group)) - {person}

    assert await eventually(others, practice.caught_up) == {other}, "the judgement has expired"
    now = await on_list(practice, group)
    assert now[other]["since"] == ["2024-03-04"]
    assert now[person]["since"] == ["2023-07-03"]
    assert now[person]["rank"][0] < rank, "the fall is more than six months ago"
    why = parameters(await practice.call("GET", f"{group}/$explain?patient=Patient/{other}"))
    assert [stay["period"][0] for stay in why["stay"]] == [
        {"start": "2023-07-03", "end": "2023-07-03"}, {"start": "2024-03-04"},
    ]  # fmt: skip
    assert why["judgement"][0]["inForce"] == [False]
