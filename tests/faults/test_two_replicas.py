"""Two processes of every service and of the gateway: whoever leads may be killed, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tandem.demo.cast import cast_of
from tandem.demo.client import FhirClient
from tandem.demo.journey import SharedCareJourney
from tandem.fhir.ownership import SERVICES
from tandem.synth import Summary, generate
from tandem_tests.loopback import http_client
from tandem_tests.replicas import TwoReplicas
from tandem_tests.running import TandemProcess

SYSTEM = "https://tandem.example/fhir/Id/replica-test"
MORE = 30
pytestmark = pytest.mark.xdist_group("two replicas")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with http_client() as client:
        yield client


def restart(process: TandemProcess) -> None:
    process.start()
    process.wait_ready()


async def kill_leader(system: TwoReplicas, name: str) -> TandemProcess:
    """kill -9 the one that leads; answers it."""
    process = await system.leader(name)
    await asyncio.to_thread(process.kill)
    return process


async def a_network(system: TwoReplicas, http: httpx.AsyncClient, folder: Path, seed: int) -> Summary:
    """A small network, loaded."""
    summary = await asyncio.to_thread(generate, 4, 1, seed, folder)
    operator = FhirClient(http, system.url, system.token("T0001", operator=True))
    await operator.ingest(encode_lines(folder))
    await operator.caught_up()
    return summary


def encode_lines(folder: Path) -> bytes:
    """All records of the folder as one NDJSON text."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.ndjson")))


async def post_tasks(client: FhirClient, person: str, begun: list[str], answered: list[str]) -> None:
    """Post Tasks one after the other until cancelled; a refusal or a broken connection is only noted as begun."""
    while True:
        name = str(len(begun))
        begun.append(name)
        try:
            answer = await client.request("POST", "Task", {
                "resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": person},
                "identifier": [{"system": SYSTEM, "value": name}],
            })  # fmt: skip
        except httpx.TransportError:
            continue
        assert answer.status_code in (201, 503), answer.text
        if answer.status_code == 201:
            answered.append(name)


async def grown(what: list[str], tasks: list[asyncio.Task[None]], more: int = MORE) -> None:
    """Wait until a list has grown. Raises what a task raised."""
    target = len(what) + more
    while len(what) < target:
        for each in tasks:
            if each.done():
                await each
        await asyncio.sleep(0.02)


async def dead_letters(system: TwoReplicas) -> int:
    found = [await system.column(name, "SELECT COUNT(*) FROM parked WHERE state = 'dead'") for name in SERVICES]
    return sum(each[0] for each in found)


async def test_what_a_service_ships_with_is_written_once(two_replicas: TwoReplicas) -> None:
    for name in SERVICES:
        twice = await two_replicas.column(name, "SELECT type || '/' || id FROM resource WHERE version > 1")
        assert twice == [], name
        assert (await two_replicas.leader(name)).running


async def test_links_and_versions_hold_at_the_other_process(
    two_replicas: TwoReplicas, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    summary = await a_network(two_replicas, http, tmp_path, 11)
    token = two_replicas.token(summary.protagonist.practice_code)
    first, second = (FhirClient(http, each.url, token) for each in two_replicas.processes["mdt-service"])
    person = f"Patient/{summary.protagonist.patient_id}"
    made = [
        await each.create({
            "resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": person}
        })
        for each in (first, second, first)
    ]  # fmt: skip

    page, client, others = await first.call("GET", f"Task?patient={person}&_count=1"), first, second
    found = []
    while True:
        found += [entry["resource"]["id"] for entry in page.get("entry", [])]
        links = {link["relation"]: link["url"] for link in page["link"]}
        if "next" not in links:
            break
        client, others = others, client
        page = await client.call("GET", links["next"].partition("/fhir/")[2])
    assert {each["id"] for each in made} <= set(found)
    assert len(found) == len(set(found))

    path = f"Task/{made[0]['id']}"
    read = await first.request("GET", path)
    changed = {**read.json(), "description": "by the other"}
    answer = await second.request("PUT", path, changed, If_Match=read.headers["ETag"])
    assert answer.status_code == 200
    again = await first.request("PUT", path, changed, If_Match=read.headers["ETag"])
    assert again.status_code == 412


async def test_the_shared_care_journey_while_every_leader_is_killed(
    two_replicas: TwoReplicas, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    """Before each step one leader dies and the one that died before comes back, as what stands by."""
    summary = await a_network(two_replicas, http, tmp_path, 0)
    journey = SharedCareJourney(cast_of(summary, http, two_replicas.url, two_replicas.token))
    gone: list[TandemProcess] = []

    async def next_dies(name: str) -> None:
        if gone:
            await asyncio.to_thread(restart, gone.pop())
        gone.append(await kill_leader(two_replicas, name))

    await next_dies("cohort-service")
    await journey.on_the_care_home_list()
    plan, _ = await journey.plan_is_opened()
    assert plan["status"] == "draft"
    await next_dies("careplan-service")
    assert (await journey.practice_contributes())["status"] == "active"
    assert len((await journey.community_contributes())["goal"]) == 2
    await journey.community_posts_an_action()
    await next_dies("mdt-service")
    done, _ = await journey.community_accepts_and_completes()
    assert done["status"] == "completed"
    await journey.practice_refers()
    await next_dies("referral-service")
    assert (await journey.voluntary_completes())["status"] == "completed"
    await journey.pharmacy_changes_medicines()
    await next_dies("metrics-service")
    counted = await journey.measured(journey.cast.practice_code)
    expected = {"plans-agreed": 1, "actions-completed": 2, "referrals-opened": 1, "referrals-closed": 1}
    assert {name: counted[name] for name in expected} == expected
    await asyncio.to_thread(restart, gone.pop())
    assert await dead_letters(two_replicas) == 0


async def test_writes_while_leaders_are_killed_have_each_effect_once(
    two_replicas: TwoReplicas, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    summary = await a_network(two_replicas, http, tmp_path, 12)
    person = f"Patient/{summary.protagonist.patient_id}"
    client = FhirClient(http, two_replicas.url, two_replicas.token(summary.protagonist.practice_code))
    begun: list[str] = []
    answered: list[str] = []
    posting = [asyncio.create_task(post_tasks(client, person, begun, answered)) for _ in range(4)]
    for name in ("mdt-service", "metrics-service", "cohort-service"):
        await grown(answered, posting)
        process = await kill_leader(two_replicas, name)
        await grown(answered, posting)
        assert await two_replicas.leader(name) is not process
        await asyncio.to_thread(restart, process)
    for each in posting:
        each.cancel()
    await asyncio.gather(*posting, return_exceptions=True)

    await client.caught_up()
    held, path = [], f"Task?identifier={SYSTEM}|&_count=200"
    while path:
        page = await client.call("GET", path)
        held += [entry["resource"]["identifier"][0]["value"] for entry in page.get("entry", [])]
        links = {link["relation"]: link["url"] for link in page["link"]}
        path = links.get("next", "").partition("/fhir/")[2]
    assert len(held) == len(set(held))
    assert set(answered) <= set(held) <= set(begun)
    report = await client.call(
        "GET", "Measure/shared-care-activity/$evaluate-measure?periodStart=2020-01-01&periodEnd=2040-12-31"
    )
    counted = {
        each["code"]["coding"][0]["code"]: each["count"] for group in report["group"] for each in group["population"]
    }
    assert counted["actions-opened"] == len(held)
    assert await dead_letters(two_replicas) == 0


async def test_a_load_is_taken_over_when_its_gateway_dies(
    two_replicas: TwoReplicas, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    summary = await asyncio.to_thread(generate, 200, 1, 13, tmp_path)
    token = two_replicas.token("T0001", operator=True)
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+ndjson"}
    first, second = two_replicas.processes["gateway"]
    await asyncio.to_thread(second.kill)
    answer = await http.post(f"{first.url}/fhir/$ingest", content=encode_lines(tmp_path), headers=sent)
    assert answer.status_code == 202
    place = answer.headers["Content-Location"].partition("/fhir/")[2]
    while await two_replicas.column("gateway", "SELECT 1 FROM job WHERE state = 'running' AND done > 0") == []:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(first.kill)
    await asyncio.to_thread(restart, second)
    client = FhirClient(http, second.url, token)
    while (state := await client.request("GET", place)).status_code == 202:
        await asyncio.sleep(0.2)
    assert state.status_code == 200, state.text
    report = state.json()
    assert report["rejects"] == []
    await asyncio.to_thread(restart, first)
    await client.caught_up()
    held = await client.call("GET", f"Patient/{summary.protagonist.patient_id}")
    assert held["meta"]["versionId"] == "1"
