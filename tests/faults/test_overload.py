"""Ten times its load: a process answers 2xx, 429 or 503 with Retry-After, in bounded memory, and then is as before."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused
from tandem.identity.issuer import LocalIssuer
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem.synth import generate
from tandem_tests.loopback import http_client
from tandem_tests.running import EmbeddedTandem

SYSTEM = "https://tandem.example/fhir/Id/overload-test"
IN_FLIGHT, WAITING = 4, 8
CLIENTS = 10 * (IN_FLIGHT + WAITING)
ROUNDS = 10
MIB = 1024 * 1024
HELD = 64 * MIB
MOST_GROWTH = 160 * MIB
"""Bytes by which a process with these settings may grow under load: bodies held, and the work on so many at once."""
SETTINGS = {
    "TANDEM_MAX_IN_FLIGHT": str(IN_FLIGHT), "TANDEM_MAX_WAITING": str(WAITING), "TANDEM_MAX_WAIT": "2",
    "TANDEM_MAX_HELD": str(HELD), "TANDEM_CALLER_IN_FLIGHT": "0", "TANDEM_MAX_CONNECTIONS": "500",
    "TANDEM_TRANSFER_SECONDS": "2", "TANDEM_MAX_INGEST": str(16 * MIB),
}  # fmt: skip


class Loaded:
    """A running process with one practice, and clients of it."""

    def __init__(self, system: EmbeddedTandem, http: httpx.AsyncClient, practice: str, patient: str) -> None:
        self.system, self.http, self.patient = system, http, patient
        self.client = FhirClient(http, system.url, system.token(practice))
        self.other = FhirClient(http, system.url, system.token("B82002"))
        tokens = LocalIssuer(system.data, LOCAL_ISSUER, LOCAL_AUDIENCE).service_tokens("metrics-service")
        self.service = FhirClient(http, system.url, tokens.token())
        self.token = system.token(practice)

    def task(self, name: str, padding: int = 0) -> dict[str, Any]:
        """A Task of the patient, with so many characters of text, one at least."""
        return {
            "resourceType": "Task", "status": "requested", "intent": "order", "description": "x" * max(padding, 1),
            "identifier": [{"system": SYSTEM, "value": name}], "for": {"reference": f"Patient/{self.patient}"},
        }  # fmt: skip

    async def held(self) -> list[str]:
        """The names of all Tasks that are there."""
        found, path = [], f"Task?identifier={SYSTEM}|&_count=1000&_elements=identifier"
        while path:
            page = await self.client.call("GET", path)
            found += [entry["resource"]["identifier"][0]["value"] for entry in page.get("entry", [])]
            links = {link["relation"]: link["url"] for link in page["link"]}
            path = links.get("next", "").partition("/fhir/")[2]
        return found

    async def figures(self) -> dict[str, float]:
        """`/metrics`, by name with labels."""
        text = (await self.http.get(f"{self.system.url}/metrics")).text
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in lines}

    def memory(self) -> int:
        """Bytes of real memory."""
        status = Path(f"/proc/{self.system.process.pid}/status").read_text()
        return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


@asynccontextmanager
async def loaded(folder: Path, **settings: str) -> AsyncIterator[Loaded]:
    system = EmbeddedTandem(folder / "embedded", environment={**SETTINGS, **settings})
    await asyncio.to_thread(system.start)
    try:
        async with http_client(limits=httpx.Limits(max_connections=None)) as http:
            summary = await asyncio.to_thread(generate, 4, 1, 0, folder / "network")
            operator = FhirClient(http, system.url, system.token("T0001", operator=True))
            lines = b"".join(path.read_bytes() for path in sorted((folder / "network").glob("*.ndjson")))
            await insisting(lambda: operator.ingest(lines))
            await insisting(operator.caught_up)
            person = summary.protagonist
            yield Loaded(system, http, person.practice_code, person.patient_id)
    finally:
        await asyncio.to_thread(system.stop)


async def insisting(ask: Callable[[], Awaitable[Any]]) -> None:
    """Ask again as long as the answer is that the process is too busy."""
    while True:
        try:
            await ask()
            return
        except Refused as refused:
            if refused.status not in (429, 503):
                raise
        await asyncio.sleep(0.1)


def assert_refused_for_load(answer: httpx.Response) -> None:
    assert answer.status_code in (429, 503), answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    issue = answer.json()["issue"][0]
    assert issue["code"] in ("throttled", "transient")
    assert issue["details"]["coding"][0]["code"] in ("REC_TOO_MANY_REQUESTS", "REC_UNAVAILABLE")


async def test_ten_times_its_load(tmp_path: Path) -> None:
    # In one process the work is that of the event loop itself, so it is by the lag that it shows.
    async with loaded(tmp_path, TANDEM_MAX_LAG="10") as it:
        warm = [f"warm-{number}" for number in range(50)]
        for name in warm:
            await insisting(partial(it.client.create, it.task(name, 100_000)))
        before, most = it.memory(), 0
        statuses: Counter[int] = Counter()
        created: list[str] = []
        refused: list[str] = []
        numbers = count()
        over = asyncio.Event()

        async def client() -> None:
            for _ in range(ROUNDS):
                name = f"load-{next(numbers)}"
                answer = await it.client.request("POST", "Task", it.task(name, 100_000))
                statuses[answer.status_code] += 1
                if answer.status_code == 201:
                    created.append(name)
                else:
                    assert_refused_for_load(answer)
                    refused.append(name)

        async def what_is_never_refused() -> int:
            nonlocal most
            looks = 0
            while not over.is_set():
                for path in ("/health/live", "/health/ready", "/metrics"):
                    answer = await it.http.get(f"{it.system.url}{path}")
                    assert answer.status_code == 200, answer.text
                answer = await it.service.request("GET", "$events?service=mdt-service&after=0&_count=5")
                assert answer.status_code == 200, answer.text
                most = max(most, it.memory())
                looks += 1
            return looks

        watching = asyncio.create_task(what_is_never_refused())
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        over.set()
        assert await watching > 1
        # A quiet machine may keep up with all of it.
        assert statuses[201] > 0
        assert set(statuses) <= {201, 503}
        assert most - before < MOST_GROWTH, f"{(most - before) // MIB} MiB more"

        held: list[str] = []

        async def look() -> None:
            held[:] = await it.held()

        await insisting(look)
        assert sorted(held) == sorted([*warm, *created])
        figures = await it.figures()
        assert figures['tandem_requests_waiting{lane="clients"}'] == 0
        refusals = {name: value for name, value in figures.items() if name.startswith("tandem_overload_refusals_total")}
        assert sum(refusals.values()) >= len(refused)
        assert not [name for name in refusals if 'lane="services"' in name]
        await insisting(lambda: it.client.create(it.task("afterwards")))
        await insisting(it.client.caught_up)


async def test_one_organisation_has_its_share_and_another_is_served(tmp_path: Path) -> None:
    async with loaded(tmp_path, TANDEM_CALLER_RATE="1", TANDEM_CALLER_BURST="5") as it:
        answers = [await it.client.request("GET", "Task?_count=1") for _ in range(50)]
        assert answers[0].status_code == 200
        throttled = [answer for answer in answers if answer.status_code != 200]
        assert throttled
        for answer in throttled:
            assert answer.status_code == 429
            assert_refused_for_load(answer)
        assert (await it.other.request("GET", "Task?_count=1")).status_code == 200


async def test_loads_beyond_what_may_wait_are_refused(tmp_path: Path) -> None:
    async with loaded(tmp_path, TANDEM_CALLER_JOBS="1", TANDEM_MAX_JOBS="1") as it:
        lines = b"\n".join(b'{"resourceType":"Basic","id":"%d"}' % number for number in range(20_000))
        sent = {"Content-Type": "application/fhir+ndjson", "Authorization": f"Bearer {it.token}"}

        async def load() -> httpx.Response:
            return await it.http.post(f"{it.system.url}/fhir/$ingest", content=lines, headers=sent)

        answers = [await load() for _ in range(10)]
        assert answers[0].status_code == 202
        assert 429 in {answer.status_code for answer in answers}
        for answer in answers:
            if answer.status_code != 202:
                assert_refused_for_load(answer)


async def test_bodies_that_never_end_hold_up_nobody_and_are_ended(tmp_path: Path) -> None:
    async with loaded(tmp_path) as it:
        address = urlsplit(it.system.url)
        head = (
            f"POST /fhir/Task HTTP/1.1\r\nhost: {address.netloc}\r\nauthorization: Bearer {it.token}\r\n"
            "content-type: application/fhir+json\r\ncontent-length: 100000\r\n\r\n{"
        ).encode()
        opened = [await asyncio.open_connection(address.hostname, address.port) for _ in range(CLIENTS)]
        for _, writer in opened:
            writer.write(head)
        await it.client.create(it.task("beside"))
        for reader, writer in opened:
            answer = await asyncio.wait_for(reader.read(), 120)
            assert answer.startswith(b"HTTP/1.1 408"), answer[:200]
            assert b'"timeout"' in answer
            writer.close()
        assert await it.held() == ["beside"]


async def test_bodies_that_fill_what_may_be_held_are_refused(tmp_path: Path) -> None:
    """Three quarters of what may be held are there and wait; a body as large again finds no room, a small one does."""
    async with loaded(tmp_path, TANDEM_TRANSFER_SECONDS="60") as it:
        address = urlsplit(it.system.url)
        size = 12 * MIB
        head = (
            f"POST /fhir/$ingest HTTP/1.1\r\nhost: {address.netloc}\r\nauthorization: Bearer {it.token}\r\n"
            f"content-type: application/fhir+ndjson\r\ncontent-length: {size + 1}\r\n\r\n"
        ).encode()
        opened = [await asyncio.open_connection(address.hostname, address.port) for _ in range(4)]
        for _, writer in opened:
            writer.write(head + b"\n" * size)
            await writer.drain()
        while (await it.figures())['tandem_request_bytes_held{lane="clients"}'] < 4 * size:
            await asyncio.sleep(0.05)
        answer = await it.client.request("POST", "Task", it.task("large", 17 * MIB))
        assert_refused_for_load(answer)
        assert answer.headers["Connection"] == "close"
        await it.client.create(it.task("small"))
        for _, writer in opened:
            writer.close()
        while (await it.figures())['tandem_request_bytes_held{lane="clients"}'] > 0:
            await asyncio.sleep(0.05)
        assert await it.held() == ["small"]


async def test_ten_thousand_silent_connections(tmp_path: Path) -> None:
    with many_files(10_500) as may:
        wanted = min(10_000, may - 500)
        async with loaded(tmp_path) as it:
            address = urlsplit(it.system.url)
            before = it.memory()
            opened = []
            for _ in range(wanted):
                opened.append(await asyncio.open_connection(address.hostname, address.port))
                if len(opened) % 1000 == 0:
                    assert (await it.http.get(f"{it.system.url}/health/ready")).status_code == 200
            assert (await it.figures())["tandem_http_connections"] <= 501
            assert it.memory() - before < MOST_GROWTH
            await it.client.create(it.task("beside"))
            for _, writer in opened:
                writer.close()
            assert await it.held() == ["beside"]


@contextmanager
def many_files(wanted: int) -> Iterator[int]:
    """Let this process have so many open files, or as many as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    may = max(soft, wanted if hard == resource.RLIM_INFINITY else min(wanted, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (may, hard))
    try:
        yield may
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_stop_says_so_first_and_lets_what_has_begun_come_to_its_end(tmp_path: Path) -> None:
    async with loaded(tmp_path, TANDEM_DRAIN_SECONDS="600", TANDEM_TRANSFER_SECONDS="120") as it:
        address = urlsplit(it.system.url)
        body = b'{"resourceType":"Task","status":"requested","intent":"order","for":{"reference":"Patient/%s"}}'
        body %= it.patient.encode()
        head = (
            f"POST /fhir/Task HTTP/1.1\r\nhost: {address.netloc}\r\nauthorization: Bearer {it.token}\r\n"
            f"content-type: application/fhir+json\r\ncontent-length: {len(body)}\r\n\r\n"
        ).encode()
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(head + body[:10])
        while (await it.figures())['tandem_request_bytes_held{lane="clients"}'] != 10:
            await asyncio.sleep(0.05)
        it.system.process.ask_to_end()
        while (answer := await it.http.get(f"{it.system.url}/health/ready")).status_code == 200:
            await asyncio.sleep(0.05)
        assert answer.json()["parts"] == {"process": "stopping"}
        assert (await it.http.get(f"{it.system.url}/health/live")).status_code == 200
        await it.client.create(it.task("while it stops"))
        it.system.process.ask_to_end()
        await refuses_connections(it)
        writer.write(body[10:])
        answer_bytes = await asyncio.wait_for(reader.read(), 120)
        assert answer_bytes.startswith(b"HTTP/1.1 201"), answer_bytes[:200]
        assert b"connection: close" in answer_bytes.lower()
        writer.close()
        # the server gives the signal back to the system once all is in order
        assert await asyncio.to_thread(it.system.process.wait_ended) == -signal.SIGTERM


async def refuses_connections(it: Loaded) -> None:
    """Wait until nobody listens any more."""
    address = urlsplit(it.system.url)
    while True:
        try:
            _, writer = await asyncio.open_connection(address.hostname, address.port)
        except ConnectionError:
            return
        writer.close()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(("name", "value"), [("TANDEM_MAX_IN_FLIGHT", "0"), ("TANDEM_MAX_HELD", "2000")])
def test_a_limit_out_of_range_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    system = EmbeddedTandem(tmp_path / "embedded", environment={name: value})
    system.process.start()
    assert system.process.wait_ended() != 0
    assert name in system.process.log_tail()
