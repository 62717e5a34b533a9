"""Keys are rotated while clients write and read on, and no request is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from tandem.demo.client import FhirClient
from tandem.synth import generate
from tandem_tests.loopback import http_client
from tandem_tests.restored import run_tandem
from tandem_tests.running import EmbeddedTandem, ServiceTandem

System = EmbeddedTandem | ServiceTandem
PAUSE = 0.02


class Traffic:
    """A client that writes and one that turns pages, until they are stopped; every answer is asked to be a good one."""

    def __init__(self, http: httpx.AsyncClient, system: System, practice: str, patient: str) -> None:
        self._http, self._system, self._practice, self._patient = http, system, practice, patient
        self._over = False
        self.done = 0

    async def go_on(self) -> None:
        """Tasks about a person, each of which cohort- and mdt-service take part in."""
        while not self._over:
            client = FhirClient(self._http, self._system.url, self._system.token(self._practice))
            await client.create({
                "resourceType": "Task", "status": "requested", "intent": "order",
                "for": {"reference": f"Patient/{self._patient}"},
            })  # fmt: skip
            bundle = await client.call("GET", "Observation?_count=1")
            links = {link["relation"]: link["url"] for link in bundle["link"]}
            await client.call("GET", links["next"].removeprefix(f"{client.base}/"))
            await client.call("GET", "$caught-up")
            self.done += 1

    async def meanwhile(self, *commands: str) -> None:
        """Run the command while there are requests before, beside and after it."""
        going = asyncio.gather(self.go_on(), self.go_on())
        for _ in range(2):
            aim = self.done + 5
            while self.done < aim and not going.done():
                await asyncio.sleep(PAUSE)
            if commands:
                await asyncio.to_thread(run_tandem, *commands)
                commands = ()
        self._over = True
        await going
        self._over = False


async def rotated(system: System, folder: Path, files: list[Path]) -> None:
    summary = await asyncio.to_thread(generate, 6, 1, 0, folder)
    async with http_client() as http:
        operator = FhirClient(http, system.url, system.token("T0001", operator=True))
        await operator.ingest(b"".join(path.read_bytes() for path in sorted(folder.glob("*.ndjson"))))  # noqa: ASYNC240
        await operator.caught_up()
        old = FhirClient(http, system.url, system.token(summary.protagonist.practice_code))
        page = await old.call("GET", "Observation?_count=1")
        link = next(each["url"] for each in page["link"] if each["relation"] == "next").removeprefix(f"{old.base}/")
        traffic = Traffic(http, system, summary.protagonist.practice_code, summary.protagonist.patient_id)
        for file in files:
            await traffic.meanwhile("keys", "prepare", str(file))
            await traffic.meanwhile("keys", "rotate", str(file))
        await old.call("GET", link)
        await operator.caught_up()


async def test_of_one_process(tmp_path: Path) -> None:
    system = EmbeddedTandem(tmp_path / "data")
    system.start()
    try:
        await rotated(system, tmp_path / "network", [system.data / "issuer-key.pem", system.data / "paging-key"])
    finally:
        system.stop()


async def test_of_six_processes(services: ServiceTandem, tmp_path: Path) -> None:
    await rotated(services, tmp_path / "network", [services.data / "service-key.pem", services.data / "issuer-key.pem"])
