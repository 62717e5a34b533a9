"""A deployment is copied while it works and brought back on empty machines: all of it, and one service beside the
others. What stands afterwards is compared row by row and answer by answer, and then worked with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tandem.demo.cast import Cast, cast_of
from tandem.demo.client import FhirClient
from tandem.demo.journey import SharedCareJourney
from tandem.fhir.ownership import SERVICES
from tandem.synth import Summary, generate
from tandem_tests.brokers import NewAmqpUrl
from tandem_tests.databases import NewDatabase
from tandem_tests.loopback import http_client
from tandem_tests.restored import (
    System,
    databases_of,
    dead_letters_of,
    everything,
    named,
    refused_tandem,
    rows_of,
    run_tandem,
)  # fmt: skip
from tandem_tests.running import EmbeddedTandem, ServiceTandem

MARK = "https://tandem.example/fhir/Id/backup-test"
COUNTED = "Measure/shared-care-activity/$evaluate-measure?periodStart=2020-01-01&periodEnd=2040-12-31"
WRITERS = 4

NewSystem = Callable[[], System]


@pytest.fixture(params=["one process", "six processes"])
def new_system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewSystem]:
    """Makes systems that have not been started, each on machines of its own with nothing on them."""
    made: list[System] = []
    six = request.param == "six processes"

    def new() -> System:
        folder = tmp_path / f"machine-{len(made)}"
        if six:
            database: NewDatabase = request.getfixturevalue("new_postgresql_database")
            broker: NewAmqpUrl = request.getfixturevalue("new_amqp_url")
            made.append(ServiceTandem(folder, {name: database() for name in (*SERVICES, "gateway")}, broker()))
        else:
            made.append(EmbeddedTandem(folder))
        return made[-1]

    if six:
        request.getfixturevalue("new_postgresql_database")
        request.getfixturevalue("new_amqp_url")
    yield new
    for system in made:
        system.stop()


@contextmanager
def running(system: System) -> Iterator[None]:
    system.start()
    try:
        yield
    finally:
        system.stop()


def where(system: System) -> tuple[str, str]:
    """The option of the commands that names this deployment."""
    if isinstance(system, ServiceTandem):
        return "--databases", named(system.databases)
    return "--data", str(system.data)


def lines_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.ndjson")))


async def loaded(system: System, http: httpx.AsyncClient, folder: Path) -> Summary:
    """A small network on the system."""
    summary = await asyncio.to_thread(generate, 4, 1, 0, folder)
    operator = FhirClient(http, system.url, system.token("T0001", operator=True))
    await operator.ingest(lines_of(folder))
    await operator.caught_up()
    return summary


async def walked(cast: Cast) -> None:
    """A shared plan with an action that was done and a referral, so that every service holds something."""
    journey = SharedCareJourney(cast)
    await journey.on_the_care_home_list()
    await journey.plan_is_opened()
    await journey.practice_contributes()
    await journey.community_contributes()
    await journey.community_posts_an_action()
    await journey.community_accepts_and_completes()
    await journey.practice_refers()
    await journey.settle()


def task(patient: str, name: str) -> dict[str, Any]:
    return {
        "resourceType": "Task", "status": "requested", "intent": "order", "for": {"reference": f"Patient/{patient}"},
        "identifier": [{"system": MARK, "value": name}],
    }  # fmt: skip


async def done(client: FhirClient, task_id: str, version: int) -> None:
    """The Task goes on from this version to its end, in three more."""
    for status in ("accepted", "in-progress", "completed"):
        change = [{"op": "replace", "path": "/status", "value": status}]
        changed = await client.patch(f"Task/{task_id}", change, str(version))
        version += 1
        assert changed["meta"]["versionId"] == str(version)


async def held(client: FhirClient) -> list[str]:
    """The names of the Tasks that are there."""
    found = await client.search(f"Task?identifier={MARK}|&_count=1000")
    return [each["identifier"][0]["value"] for each in found]


async def counted(client: FhirClient) -> dict[str, int]:
    report = await client.call("GET", COUNTED)
    return {
        each["code"]["coding"][0]["code"]: each["count"] for group in report["group"] for each in group["population"]
    }


def copied(system: System, directory: Path) -> None:
    option, value = where(system)
    run_tandem("backup", "--to", str(directory), option, value)


def brought_back(system: System, directory: Path) -> None:
    option, value = where(system)
    amqp = ("--amqp-url", system.amqp_url) if isinstance(system, ServiceTandem) else ()
    run_tandem("restore", "--from", str(directory), option, value, *amqp)


async def test_a_deployment_that_rests(new_system: NewSystem, tmp_path: Path) -> None:
    """Row by row and answer by answer the same; and what comes afterwards is counted once."""
    first, second = new_system(), new_system()
    async with http_client() as http:
        with running(first):
            summary = await loaded(first, http, tmp_path / "network")
            cast = cast_of(summary, http, first.url, first.token)
            await walked(cast)
            operator = FhirClient(http, first.url, first.token("T0001", operator=True))
            await operator.caught_up()
            before = await everything(operator, cast.practice)
            figures = await counted(cast.practice)
            await asyncio.to_thread(copied, first, tmp_path / "copy")
        await asyncio.to_thread(brought_back, second, tmp_path / "copy")
        for name, url in databases_of(first).items():
            was, became = await rows_of(url), await rows_of(databases_of(second)[name])
            assert became.keys() == was.keys()
            # Reading all of it was audited after the copy of nothing else: the copy was made last.
            assert {table: rows for table, rows in became.items() if rows != was[table]} == {}, name
        with running(second):
            operator = FhirClient(http, second.url, second.token("T0001", operator=True))
            await operator.caught_up()
            cast = cast_of(summary, http, second.url, second.token)
            after = await everything(operator, cast.practice)
            assert {name: value for name, value in after.items() if value != before[name]} == {}
            assert await counted(cast.practice) == figures
            await cast.practice.create(task(cast.patient, "afterwards"))
            await operator.caught_up()
            assert await counted(cast.practice) == figures | {"actions-opened": figures["actions-opened"] + 1}
    assert await dead_letters_of(databases_of(second)) == 0


async def test_a_deployment_in_the_middle_of_writes(new_system: NewSystem, tmp_path: Path) -> None:
    """What was answered before the copy began is in it, nothing is in it twice, and every effect comes once."""
    first, second = new_system(), new_system()
    sent: set[str] = set()
    answered: set[str] = set()
    async with http_client() as http:
        with running(first):
            summary = await loaded(first, http, tmp_path / "network")
            cast = cast_of(summary, http, first.url, first.token)
            stop, some = asyncio.Event(), asyncio.Event()

            async def write(writer: int) -> None:
                number = 0
                while not stop.is_set():
                    name = f"{writer}-{number}"
                    number += 1
                    sent.add(name)
                    await cast.practice.create(task(cast.patient, name))
                    answered.add(name)
                    if len(answered) >= 20:
                        some.set()

            writing = asyncio.gather(*(write(writer) for writer in range(WRITERS)))
            await some.wait()
            already = set(answered)
            await asyncio.to_thread(copied, first, tmp_path / "copy")
            stop.set()
            await writing
            assert len(answered) > len(already), "there were writes while it was copied"
        await asyncio.to_thread(brought_back, second, tmp_path / "copy")
        with running(second):
            cast = cast_of(summary, http, second.url, second.token)
            await cast.practice.caught_up()
            found = await held(cast.practice)
            assert len(found) == len(set(found))
            assert already <= set(found) <= sent
            assert (await counted(cast.practice))["actions-opened"] == len(found)
            await cast.practice.create(task(cast.patient, "afterwards"))
            await cast.practice.caught_up()
            assert (await counted(cast.practice))["actions-opened"] == len(found) + 1
    assert await dead_letters_of(databases_of(second)) == 0


async def test_one_service_beside_the_others(new_system: NewSystem, tmp_path: Path) -> None:
    """mdt-service goes back to a copy; the others keep what they have, and end with what it says now."""
    system, report = new_system(), tmp_path / "report.json"
    async with http_client() as http:
        system.start()
        summary = await loaded(system, http, tmp_path / "network")
        cast = cast_of(summary, http, system.url, system.token)
        practice = cast.practice
        kept = await practice.create(task(cast.patient, "kept"))
        await practice.caught_up()
        await asyncio.to_thread(copied, system, tmp_path / "copy")
        await done(practice, kept["id"], 1)
        lost = await practice.create(task(cast.patient, "lost"))
        await practice.caught_up()
        before = await counted(practice)
        assert (before["actions-opened"], before["actions-completed"]) == (2, 1)

        await lose(system, "mdt-service")
        option, value = where(system)
        amqp = ("--amqp-url", system.amqp_url) if isinstance(system, ServiceTandem) else ()
        restore = ("restore", "--from", str(tmp_path / "copy"), "--only", "mdt-service", option, value, *amqp)
        await asyncio.to_thread(run_tandem, *restore, "--report", str(report))
        found = json.loads(report.read_text())["mdt-service"]
        assert found["lost"] == {f"Task/{lost['id']}": 1}
        assert found["restated"] == {f"Task/{kept['id']}": 4}
        assert found["next_position"] > 1_000_000
        come_back(system, "mdt-service")

        await practice.caught_up()
        again = await practice.read(f"Task/{kept['id']}")
        assert (again["meta"]["versionId"], again["status"]) == ("5", "requested")
        gone = await practice.request("GET", f"Task/{lost['id']}")
        assert gone.status_code in (404, 410)
        now = await counted(practice)
        assert (now["actions-opened"], now["actions-completed"]) == (1, 0)
        await done(practice, kept["id"], 5)
        await practice.create(task(cast.patient, "new"))
        await practice.caught_up()
        after = await counted(practice)
        assert (after["actions-opened"], after["actions-completed"]) == (2, 1)
        assert sorted(await held(practice)) == ["kept", "new"]
    assert await dead_letters_of(databases_of(system)) == 0


async def lose(system: System, service: str) -> None:
    """The service is gone, and its database with it; of six processes, the others work on."""
    if isinstance(system, EmbeddedTandem):
        system.stop()
        for path in system.data.glob(f"{service}.sqlite*"):
            path.unlink()
        return
    system.processes[service].kill()
    connection = await asyncpg.connect(system.databases[service])
    try:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    finally:
        await connection.close()


def come_back(system: System, service: str) -> None:
    if isinstance(system, EmbeddedTandem):
        system.start()
    else:
        system.processes[service].start()
        system.processes[service].wait_ready()


async def test_a_queue_that_is_being_read(
    services: ServiceTandem, new_postgresql_database: NewDatabase, tmp_path: Path
) -> None:
    """A whole deployment is not restored while processes read at the broker that is named: they would take old events
    into new databases."""
    await asyncio.to_thread(copied, services, tmp_path / "copy")
    target = {name: new_postgresql_database() for name in services.databases}
    restore = ("restore", "--from", str(tmp_path / "copy"), "--databases", named(target))
    said = await asyncio.to_thread(refused_tandem, *restore, "--amqp-url", services.amqp_url)
    assert "is being read: stop the services" in said
    said = await asyncio.to_thread(refused_tandem, *restore[:-1], named(services.databases))
    assert "is not empty" in said
    await asyncio.to_thread(run_tandem, *restore)
