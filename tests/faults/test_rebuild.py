"""What services derive from their own records is lost or spoilt, and made again: it is what it was."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from tandem.demo.client import FhirClient
from tandem.fhir.ownership import SERVICES
from tandem.synth import generate
from tandem_tests.loopback import http_client
from tandem_tests.restored import databases_of, refused_tandem, rows_of, run_tandem
from tandem_tests.running import EmbeddedTandem

SEARCH = ("search_token", "search_date", "search_string", "search_number")


def spoil(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


async def test_search_rows_and_facts(tmp_path: Path) -> None:
    folder, system = tmp_path / "network", EmbeddedTandem(tmp_path / "data")
    await asyncio.to_thread(generate, 20, 1, 0, folder)
    lines = b"".join(path.read_bytes() for path in sorted(folder.glob("*.ndjson")))
    system.start()
    try:
        async with http_client() as http:
            operator = FhirClient(http, system.url, system.token("T0001", operator=True))
            await operator.ingest(lines)
            await operator.caught_up()
        await asyncio.to_thread(system.stop)
        urls = {name: databases_of(system)[name] for name in SERVICES}
        before = {name: await rows_of(url) for name, url in urls.items()}
        assert len(before["cohort-service"]["search_token"]) > 1_000
        for name in SERVICES:
            path = system.data / f"{name}.sqlite"
            spoil(path, "DELETE FROM search_token WHERE key % 2 = 0", "DELETE FROM search_date",
                  "UPDATE search_string SET folded = 'spoilt'",
                  "INSERT INTO search_number (key, param, low, high) SELECT key, 1, 0, 0 FROM resource")  # fmt: skip
            run_tandem("rebuild", name, "--what", "search", "--data", str(system.data), "--public-url", system.url)
            after = await rows_of(urls[name])
            assert [table for table in after if after[table] != before[name][table]] == [], name
        spoil(system.data / "cohort-service.sqlite", "DELETE FROM fact WHERE rowid % 2 = 0")
        run_tandem("rebuild", "cohort-service", "--what", "followers", "--data", str(system.data))
        system.start()
        async with http_client() as http:
            await FhirClient(http, system.url, system.token("T0001", operator=True)).caught_up()
        assert (await rows_of(urls["cohort-service"]))["fact"] == before["cohort-service"]["fact"]
    finally:
        system.stop()


def test_what_cannot_be_rebuilt(tmp_path: Path) -> None:
    where = ("--data", str(tmp_path), "--public-url", "https://tandem.example")
    said = refused_tandem("rebuild", "mdt-service", "--what", "search", *where)
    assert f"there is no database at {tmp_path}/mdt-service.sqlite" in said
    assert not list(tmp_path.iterdir())
    url = ("--database-url", f"sqlite:///{tmp_path}/mdt-service.sqlite")
    assert "nothing follows the log" in refused_tandem("rebuild", "mdt-service", "--what", "followers", *url)
