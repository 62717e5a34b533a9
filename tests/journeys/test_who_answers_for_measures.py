"""Each figure names who answers for it, and what a community provider answers for is not the network's position."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.network_area import values
from tandem_tests.running import EmbeddedTandem
from tandem_tests.urgent_referrals import move_task, task_of, urgent_request

CRISIS = "crisis-response-within-two-hours"
PERIOD = "periodStart=2020-04-01&periodEnd=2020-12-31"
KINDS = {"practice", "network", "community-provider", "hospital", "commissioner", "care-home"}
Tandem = Callable[..., Any]


@pytest.fixture(scope="module")
def november(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    system = EmbeddedTandem(tmp_path_factory.mktemp("november"), "--clock", "2020-11-02T10:00+00:00")
    system.start()
    yield system
    system.stop()


@pytest.fixture
async def here(november: EmbeddedTandem, http: httpx.AsyncClient) -> Neighbourhood:
    return await settle_in(http, november)


def answering(report: Resource) -> dict[str, list[Any]]:
    """What the report says of who answers for it, by name."""
    [said] = [each["extension"] for each in report["extension"] if each["url"].endswith("/responsible")]
    found: dict[str, list[Any]] = {}
    for each in said:
        found.setdefault(each["url"], []).append(next(value for key, value in each.items() if key != "url"))
    return found


async def reports(here: Neighbourhood, http: httpx.AsyncClient) -> dict[str, Resource]:
    """All reports of the network, by measure."""
    network = here.client(http, "network")
    await network.caught_up()
    bundle = await network.call("GET", f"Measure/$service-report?{PERIOD}")
    found = [each["resource"] for each in bundle["entry"]]
    return {each["measure"].rpartition("/")[2].partition("|")[0]: each for each in found}


def position(found: dict[str, Resource]) -> dict[str, Any]:
    """The figures that make the position of the network."""
    return {
        name: report["group"] for name, report in found.items() if answering(report)["network-position"] == [True]
    }


async def shown(here: Neighbourhood, http: httpx.AsyncClient) -> tuple[str, str]:
    """The dashboard of the network: what is its position in the care of homes, and what others answer for."""
    headers = {"Authorization": f"Bearer {here.system.token(here.codes['network'])}", "Accept": "text/html"}
    page = await http.get(f"{here.system.url}/dashboard?fresh=1", headers=headers)
    assert page.status_code == 200, page.text
    section = page.text.partition('id="service-EHCH"')[2].partition('aria-labelledby="service-AC"')[0]
    own, _, elsewhere = section.partition("<details")
    return own, elsewhere


@pytest.mark.requirement("PCN-057")
async def test_a_report_names_who_answers_and_a_late_provider_leaves_the_position_of_the_network_as_it_was(
    here: Neighbourhood, http: httpx.AsyncClient, tandem: Tandem
) -> None:
    practice, provider = here.client(http, "practice"), here.codes["community"]
    in_time = (await practice.create(urgent_request(here)))["id"]
    task = await task_of(practice, in_time)
    for status in ("accepted", "in-progress"):
        await move_task(here.client(http, "community"), task, status)
    await practice.create(urgent_request(here))
    before = await reports(here, http)
    for name, report in before.items():
        said = answering(report)
        assert said["responsible"][0] in KINDS, name
        if said["responsible"] == ["network"]:
            assert [each["identifier"]["value"] for each in said["organization"]] == [here.codes["network"]], name
        if said["responsible"] == ["practice"]:
            assert here.codes["practice"] in [each["identifier"]["value"] for each in said["organization"]], name
        if said["responsible"][0] not in ("practice", "network"):
            assert said["network-position"] == [False], name
    said = answering(before[CRISIS])
    assert (said["responsible"], said["network-position"]) == (["community-provider"], [False])
    assert [each["identifier"]["value"] for each in said["organization"]] == [provider]
    assert before[CRISIS]["group"][0]["measureScore"]["value"] == 100
    own, elsewhere = await shown(here, http)
    assert (CRISIS in own, CRISIS in elsewhere) == (False, True)

    moved = await asyncio.to_thread(tandem, "clock", "set", "2020-11-02T13:00+00:00", "--data", here.system.data)
    assert moved.returncode == 0, moved.stderr
    after = await reports(here, http)
    assert after[CRISIS]["group"][0]["measureScore"]["value"] == 50, "the second response is late"
    assert len(position(after)) > 30
    assert position(after) == position(before)
    assert await shown(here, http) != (own, elsewhere)
    assert (await shown(here, http))[0] == own

    compared = await here.client(http, "commissioner").call("GET", f"Measure/{CRISIS}/$compare-networks?{PERIOD}")
    assert (values(compared, "responsible"), values(compared, "network-position")) == (["community-provider"], [False])
    assert [values(each, "rank") for each in values(compared, "network")] == [[]]
