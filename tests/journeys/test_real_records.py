"""The main job on real records: other people's synthetic patients and the official examples, through `tandem load`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem.fhir.body import decode
from tandem.fhir.ownership import KERNEL_TYPES, OWNER
from tandem_tests.running import EmbeddedTandem

PRACTICE = "Z99001"
SETS = ("synthea", "hl7-r4-examples", "nhs-bars")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """A system of its own, so that a count is a count of what was loaded."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("records"))
    system.start()
    yield system
    system.stop()


async def load(server: EmbeddedTandem, folder: Path, rejects: Path) -> tuple[int, str]:
    """`tandem load` with the practice's own token: exit code and what it printed."""
    tandem = str(Path(sys.executable).with_name("tandem"))
    process = await asyncio.create_subprocess_exec(
        tandem, "load", str(folder), "--url", server.url, "--token", server.token(PRACTICE), "--practice", PRACTICE,
        "--rejects", str(rejects), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


def table(printed: str) -> dict[str, tuple[int, int, int, int]]:
    """Type -> created, updated, unchanged, rejected, as the command prints them."""
    found = {}
    for line in printed.splitlines():
        words = line.replace(",", "").split()
        if len(words) == 5 and all(word.isdigit() for word in words[1:]):
            found[words[0]] = tuple(int(word) for word in words[1:])
    return found


async def count(client: FhirClient, kind: str) -> int:
    """How many of a type the practice sees."""
    return int((await client.call("GET", f"{kind}?_summary=count"))["total"])


@pytest.fixture(params=SETS)
def records(request: pytest.FixtureRequest, shared_data: Path) -> Path:
    """One folder of real records."""
    return shared_data / request.param


async def test_what_is_accepted_is_there_and_what_is_not_is_listed(
    server: EmbeddedTandem, http: httpx.AsyncClient, records: Path, tmp_path: Path
) -> None:
    operator = FhirClient(http, server.url, server.token(PRACTICE, operator=True))
    # Groups of lists are made as people come in, so their number does not tell what was accepted.
    kinds = [kind for kind in (*OWNER, *KERNEL_TYPES) if kind not in ("AuditEvent", "Group", "Subscription")]
    before = {kind: await count(operator, kind) for kind in kinds}
    code, printed = await load(server, records, tmp_path / "rejects.ndjson")
    counted = table(printed)
    assert counted, printed

    after = {kind: await count(operator, kind) for kind in kinds}
    created = {kind: row[0] for kind, row in counted.items() if kind in kinds}
    grown = {kind: after[kind] - before[kind] for kind in kinds if after[kind] != before[kind]}
    assert grown == {kind: number for kind, number in created.items() if number}

    rejected = counted["all"][3]
    assert code == (1 if rejected else 0)
    rejects = [json.loads(line) for line in (tmp_path / "rejects.ndjson").read_text().splitlines()] if rejected else []
    assert len(rejects) == rejected
    assert all(reject["issues"][0]["text"] for reject in rejects)
    if records.name == "synthea":
        assert rejected == 0, Counter(reject["issues"][0]["text"] for reject in rejects)

    again, printed = await load(server, records, tmp_path / "again.ndjson")
    assert again == code
    created_again, updated_again, unchanged, _ = table(printed)["all"]
    assert (created_again, updated_again) == (0, 0)
    assert unchanged == sum(counted["all"][:3])
    assert {kind: await count(operator, kind) for kind in kinds} == after


async def test_a_reloaded_record_is_the_bytes_that_were_sent(
    server: EmbeddedTandem, http: httpx.AsyncClient, shared_data: Path
) -> None:
    practice = FhirClient(http, server.url, server.token(PRACTICE))
    line = (shared_data / "synthea/ndjson/Observation.ndjson").read_bytes().splitlines()[0]
    await practice.ingest((shared_data / "synthea/ndjson/Patient.ndjson").read_bytes())
    await practice.ingest(line)
    sent = decode(line)
    held = await practice.read(f"Observation/{sent['id']}")
    del held["meta"]["versionId"], held["meta"]["lastUpdated"]
    assert held["meta"] == sent.get("meta", {})
    assert {name: value for name, value in held.items() if name != "meta"} == {
        name: value for name, value in sent.items() if name != "meta"
    }
