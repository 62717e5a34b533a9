"""Tasks: whose they are, when they are due, why one is turned down, and who did what (002; 003 §2.3; 004 §13)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tandem.canonical import STAFF_KIND, TASK_KIND
from tandem.demo.client import FhirClient, Refused
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.network_area import values
from tandem_tests.professionals import professional
from tandem_tests.running import EmbeddedTandem


@pytest.fixture
async def here(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Neighbourhood:
    return await settle_in(http, embedded)


def task(here: Neighbourhood, owner: str | None, **more: Any) -> dict[str, Any]:
    """A Task about the person for an organisation."""
    owned = {"owner": here.reference(owner)} if owner else {}
    return {
        "resourceType": "Task", "status": "requested", "intent": "order", "for": here.subject,
        "requester": here.reference("practice"), **owned, **more,
    }  # fmt: skip


async def inbox(client: FhirClient, **asked: str) -> dict[str, str]:
    """Where each waiting Task stands, by its id."""
    query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in asked.items())
    answer = await client.call("GET", f"Task/$inbox?{query}")
    return {
        values(each, "task")[0]["reference"].removeprefix("Task/"): values(each, "standing")[0]
        for each in values(answer, "task")
    }


async def replace(client: FhirClient, resource: dict[str, Any]) -> dict[str, Any]:
    """PUT it over the version that it was read from."""
    version = f'W/"{resource["meta"]["versionId"]}"'
    return await client.call("PUT", f"Task/{resource['id']}", resource, If_Match=version)


async def finish(client: FhirClient, path: str) -> None:
    for status in ("accepted", "in-progress", "completed"):
        held = await client.read(path)
        await replace(client, {**held, "status": status})


@pytest.mark.requirement("PCPC-031")
async def test_an_urgent_enquiry_is_due_by_telephone_that_day_and_overdue_the_next(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice = here.client(http, "practice")
    kind = {"coding": [{"system": TASK_KIND, "code": "urgent-enquiry"}]}
    made = await practice.create(task(here, "practice", code=kind, authoredOn="2020-07-01T08:40:00+01:00"))
    late = await practice.create(task(here, "practice", code=kind, authoredOn="2020-06-30T23:30:00+01:00"))
    [entry] = [
        each for each in values(await practice.call("GET", "Task/$inbox?kind=urgent-enquiry"), "task")
        if values(each, "task")[0]["reference"] == f"Task/{made['id']}"
    ]  # fmt: skip
    assert values(entry, "due") == ["2020-07-01T22:59:59.999Z"], "the last moment of the day in London"
    assert await inbox(practice, kind="urgent-enquiry", as_of="2020-07-01T09:00:00%2B01:00") == {
        made["id"]: "due", late["id"]: "overdue"
    }  # fmt: skip
    assert set(await inbox(practice, kind="urgent-enquiry", state="overdue", as_of="2020-07-02")) == {
        made["id"], late["id"]
    }  # fmt: skip
    await finish(practice, f"Task/{made['id']}")
    assert made["id"] not in await inbox(practice, kind="urgent-enquiry", as_of="2020-07-02")
    assert await inbox(here.client(http, "other"), owner=here.codes["practice"]) == {}, "of people one may not see"


@pytest.mark.requirement("PCN-086")
async def test_a_task_that_needs_a_pharmacist_is_in_the_queue_of_pharmacists_and_not_of_gps(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice = here.client(http, "practice")
    pharmacist = [{"coding": [{"system": STAFF_KIND, "code": "clinical-pharmacist"}]}]
    made = await practice.create(task(here, None, performerType=pharmacist, code={"text": "Check the interaction"}))
    assert made["id"] in await inbox(practice, performer="clinical-pharmacist")
    assert made["id"] not in await inbox(practice, performer="gp")
    found = await practice.search(f"Task?performer={STAFF_KIND}|clinical-pharmacist&status=requested")
    assert made["id"] in [each["id"] for each in found]
    assert made["id"] not in [each["id"] for each in await practice.search(f"Task?performer={STAFF_KIND}|gp")]


@pytest.mark.on_six_processes
@pytest.mark.requirement("PCN-061")
async def test_delivered_actions_name_who_did_them_in_which_role_and_are_counted_by_partner(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    practice, community, network = (here.client(http, role) for role in ("practice", "community", "network"))
    nurse = await professional(community, here.reference("community"), "community-nurse")
    by_nurse = await practice.create({**task(here, None), "owner": {"reference": nurse}})
    mentioned = [{"coding": [{"system": STAFF_KIND, "code": "physiotherapist"}]}]
    by_therapist = await practice.create(task(here, "community", performerType=mentioned))
    own = await practice.create(task(here, "practice"))
    await practice.create(task(here, "community"))
    for each in (by_nurse, by_therapist, own):
        await finish(practice, f"Task/{each['id']}")
    for asked in (f"patient=Patient/{here.person}", f"network={here.codes['network']}"):
        answer = await network.call("GET", f"Task/$delivered?{asked}")
        assert values(answer, "total") == [3]
        partners = {values(each, "organisation")[0]: values(each, "count")[0] for each in values(answer, "partner")}
        assert partners == {here.codes["community"]: 2, here.codes["practice"]: 1}
        actions = {values(each, "task")[0]["reference"]: each for each in values(answer, "action")}
        assert values(actions[f"Task/{by_nurse['id']}"], "role") == ["Community or district nurse"]
        assert values(actions[f"Task/{by_therapist['id']}"], "role") == ["Physiotherapist"]
        assert values(actions[f"Task/{by_nurse['id']}"], "organisation") == [here.codes["community"]]
        assert values(actions[f"Task/{own['id']}"], "organisationKind") == ["practice"]
    elsewhere = await here.client(http, "other").call("GET", f"Task/$delivered?patient=Patient/{here.person}")
    assert values(elsewhere, "total") == [0]


async def test_a_task_is_turned_down_with_a_reason(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice, community = here.client(http, "practice"), here.client(http, "community")
    made = await practice.create(task(here, "community"))
    with pytest.raises(Refused) as refused:
        await replace(community, {**made, "status": "rejected"})
    assert (refused.value.status, refused.value.outcome["issue"][0]["expression"]) == (422, ["Task.statusReason"])
    assert "task-definitions.html#Task.statusReason" in refused.value.text
    assert (await practice.read(f"Task/{made['id']}"))["status"] == "requested"
    told = {**made, "status": "rejected", "statusReason": {"text": "We do not serve this home"}}
    assert (await replace(community, told))["status"] == "rejected"


async def test_an_overdue_task_is_chased_once_by_whoever_asked(
    new_system: Callable[..., EmbeddedTandem], tandem: Callable[..., Any], http: httpx.AsyncClient
) -> None:
    system = new_system("--clock", "2020-07-01T09:00+01:00")
    here = await settle_in(http, system)
    practice, community = here.client(http, "practice"), here.client(http, "community")
    by_friday = {"restriction": {"period": {"end": "2020-07-03"}}}
    late = await practice.create(task(here, "community", **by_friday))
    done = await practice.create(task(here, "community", **by_friday))
    own = await practice.create(task(here, "practice", **by_friday))
    await practice.create(task(here, "community", restriction={"period": {"end": "2020-06-30"}}))
    await finish(practice, f"Task/{done['id']}")

    async def move(day: str) -> None:
        moved = await asyncio.to_thread(tandem, "clock", "set", f"{day}T09:00+01:00", "--data", system.data)
        assert moved.returncode == 0, moved.stderr
        await practice.caught_up()

    await move("2020-07-04")
    assert await inbox(community, owner=here.codes["community"], state="overdue") != {}
    assert await inbox(practice, kind="chase") == {}
    await move("2020-07-11")
    await move("2020-07-12")
    [chase] = await practice.search(f"Task?code={TASK_KIND}|chase")
    assert chase["focus"]["reference"] == f"Task/{late['id']}", (done["id"], own["id"])
    assert chase["owner"]["identifier"]["value"] == here.codes["practice"]
    assert set(await inbox(practice, kind="chase")) == {chase["id"]}
