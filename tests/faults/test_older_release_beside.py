"""A roll-out without a stop: a process of an older release serves on the migrated schema beside one of this release."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tandem.canonical import ODS_CODE
from tandem.demo.client import FhirClient
from tandem_tests.brokers import NewAmqpUrl
from tandem_tests.cohort_process import CohortProcess
from tandem_tests.older_release import OlderRelease, older_release
from tandem_tests.running import TandemProcess, migrated


class TwoReleases:
    """cohort-service in two processes on one database: `old` was there first, `new` came after the migration."""

    def __init__(self, folder: Path, database: str, amqp: str, release: OlderRelease) -> None:
        release.run("migrate", "cohort-service", TANDEM_DATABASE_URL=database)
        self._cohorts = CohortProcess(folder, database, amqp)
        self.old = self._cohorts.another("old", PYTHONPATH=release.path)
        self.new = self._cohorts.process
        self._database = database

    def begin(self) -> None:
        """The old process serves; then the schema is migrated, and the new one joins it."""
        self.old.start()
        self.old.wait_ready()
        migrated("cohort-service", self._database)
        self.new.start()
        self.new.wait_ready()

    def client(self, http: httpx.AsyncClient, process: TandemProcess) -> FhirClient:
        return FhirClient(http, process.url, self._cohorts.operator_token())

    def another_service(self, http: httpx.AsyncClient) -> FhirClient:
        return self._cohorts.another_service(http)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=120) as client:
        yield client


@pytest.fixture
async def releases(tmp_path: Path, postgresql_url: str, new_amqp_url: NewAmqpUrl) -> AsyncIterator[TwoReleases]:
    release = older_release(tmp_path / "release")
    both = TwoReleases(tmp_path / "cohorts", postgresql_url, new_amqp_url(), release)
    yield both
    for process in (both.old, both.new):
        process.stop()


def practice(number: int) -> dict[str, Any]:
    return {
        "resourceType": "Organization", "active": True, "name": f"Practice {number}",
        "identifier": [{"system": ODS_CODE, "value": f"Y{10_000 + number}"}],
    }  # fmt: skip


async def test_both_write_and_read_what_the_other_wrote(releases: TwoReleases, http: httpx.AsyncClient) -> None:
    await asyncio.to_thread(releases.begin)
    old, new = (releases.client(http, process) for process in (releases.old, releases.new))
    assert (await new.request("GET", "Patient/$erasures")).status_code == 200
    assert (await old.request("GET", "Patient/$erasures")).status_code != 200, "it is older than these"
    written = {}
    for number, (writer, reader) in enumerate([(old, new), (new, old)] * 5):
        made = await writer.create(practice(number))
        path = f"Organization/{made['id']}"
        assert await reader.read(path) == made
        changed = await reader.request(
            "PUT", path, {**made, "name": f"Renamed {number}"}, If_Match=f'W/"{made["meta"]["versionId"]}"'
        )
        assert changed.status_code == 200, changed.text
        late = await writer.request("PUT", path, made, If_Match=f'W/"{made["meta"]["versionId"]}"')
        assert late.status_code == 412, "each sees the version that the other wrote"
        assert (await writer.read(path))["name"] == f"Renamed {number}"
        written[made["id"]] = path
    for client in (old, new):
        page = await client.call("GET", "Organization?name=Renamed&_count=100")
        assert {entry["resource"]["id"] for entry in page["entry"]} == set(written)
        history = await client.call("GET", f"{next(iter(written.values()))}/_history")
        assert len(history["entry"]) == 2

    # Whoever leads may go: the other relays what both wrote, each event once.
    await asyncio.to_thread(releases.old.kill)
    after = await new.create(practice(99))
    events = await relayed(releases.another_service(http), after["id"])
    theirs = [event for event in events if id_of(event) in {*written, after["id"]}]
    assert len(theirs) == 2 * len(written) + 1
    assert len({event["id"] for event in theirs}) == len(theirs)


def id_of(event: dict[str, Any]) -> str:
    """Of `Organization/<id>/_history/<version>`."""
    identifier: str = event["subject"].split("/")[1]
    return identifier


async def relayed(service: FhirClient, last: str) -> list[dict[str, Any]]:
    """All events of Organizations, once that of this one has its position."""
    while True:
        answer = await service.request(
            "GET", "$events?service=cohort-service&after=0&_count=1000&kind=fhir.Organization.*"
        )
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()
        if any(id_of(event) == last for event in events):
            return events
        await asyncio.sleep(0.2)
