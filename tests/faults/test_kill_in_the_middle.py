"""kill -9 in the middle of writes: what was answered is there, nothing is there twice, and every effect came once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from itertools import count
from pathlib import Path

import httpx

from tandem.demo.client import FhirClient
from tandem.synth import Summary, generate
from tandem_tests.loopback import http_client
from tandem_tests.running import EmbeddedTandem, ServiceTandem

SYSTEM = "https://tandem.example/fhir/Id/fault-test"
WRITERS, ACKNOWLEDGED_AT_A_TIME, PAUSE = 8, 20, 0.01


class Writers:
    """Clients that post Tasks, each with an identifier of its own, and remember what was answered."""

    def __init__(self, http: httpx.AsyncClient, url: str, token: str, patient: str) -> None:
        self._client = FhirClient(http, url, token)
        self._numbers = count()
        self._patient = patient
        self._target = math.inf
        self.acknowledged: dict[str, str] = {}
        self.sent: set[str] = set()

    async def write_through(self, fault: Callable[[], None]) -> None:
        """Post, let the fault happen while all of them post, and go on until answers come again."""
        self._target = math.inf
        posting = asyncio.gather(*(self._write() for _ in range(WRITERS)))
        await self._answered_more(posting)
        await asyncio.to_thread(fault)
        await self._answered_more(posting)
        self._target = len(self.acknowledged)
        await posting

    async def _answered_more(self, posting: asyncio.Future[list[None]]) -> None:
        """Wait for some more answers. Raises what a writer raised."""
        target = len(self.acknowledged) + ACKNOWLEDGED_AT_A_TIME
        while len(self.acknowledged) < target:
            if posting.done():
                await posting
            await asyncio.sleep(PAUSE)

    async def _write(self) -> None:
        while len(self.acknowledged) < self._target:
            name = str(next(self._numbers))
            self.sent.add(name)
            try:
                answer = await self._client.request("POST", "Task", {
                    "resourceType": "Task", "status": "requested", "intent": "order",
                    "identifier": [{"system": SYSTEM, "value": name}], "for": {"reference": f"Patient/{self._patient}"},
                })  # fmt: skip
            except httpx.TransportError:
                # The process that is being started again needs the processor more.
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code == 201:
                self.acknowledged[name] = answer.json()["id"]
            else:
                assert answer.status_code == 503, answer.text

    async def check(self) -> None:
        """Nothing answered is lost, nothing unsent is there, nothing is there twice, and every effect came once."""
        held: list[str] = []
        path = f"Task?identifier={SYSTEM}|&_count=1000"
        while path:
            bundle = await self._client.call("GET", path)
            held += [entry["resource"]["identifier"][0]["value"] for entry in bundle.get("entry", [])]
            links = {link["relation"]: link["url"] for link in bundle["link"]}
            path = links.get("next", "").removeprefix(f"{self._client.base}/")
        assert len(held) == len(set(held))
        assert set(self.acknowledged) <= set(held) <= self.sent
        await self._client.caught_up()
        report = await self._client.call(
            "GET", "Measure/shared-care-activity/$evaluate-measure?periodStart=2020-01-01&periodEnd=2040-12-31"
        )
        counts = {
            each["code"]["coding"][0]["code"]: each["count"]
            for group in report["group"]
            for each in group["population"]
        }  # fmt: skip
        assert counts["actions-opened"] == len(held), "metrics-service has seen each Task once"


async def writers_of(
    system: EmbeddedTandem | ServiceTandem, http: httpx.AsyncClient, folder: Path
) -> tuple[Writers, Summary]:
    """A small network on the system, and writers for one of its people."""
    summary = await asyncio.to_thread(generate, 4, 1, 0, folder)
    operator = FhirClient(http, system.url, system.token("T0001", operator=True))
    await operator.ingest(encode_lines(folder))
    await operator.caught_up()
    person = summary.protagonist
    return Writers(http, system.url, system.token(person.practice_code), person.patient_id), summary


def encode_lines(folder: Path) -> bytes:
    """All records of the folder as one NDJSON text."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.ndjson")))


async def test_one_process(tmp_path: Path) -> None:
    system = EmbeddedTandem(tmp_path / "embedded")
    system.start()
    try:
        async with http_client(timeout=60) as http:
            writers, _ = await writers_of(system, http, tmp_path / "network")

            def kill() -> None:
                system.process.kill()
                system.start()

            for _ in range(3):
                await writers.write_through(kill)
            await writers.check()
    finally:
        system.stop()


async def test_each_of_six_processes_in_turn(services: ServiceTandem, tmp_path: Path) -> None:
    async with http_client(timeout=60) as http:
        writers, _ = await writers_of(services, http, tmp_path / "network")
        for name in ("mdt-service", "metrics-service", "gateway", "cohort-service"):
            await writers.write_through(lambda name=name: services.kill_and_restart(name))
        await writers.check()
