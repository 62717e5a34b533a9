"""Deployments that are copied and brought back: the commands, their databases, and all that can be asked of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tandem.backup.settlement import RESTORED
from tandem.backup.state import tables_in
from tandem.database.connection import open_database
from tandem.demo.client import FhirClient
from tandem.fhir.ownership import OWNED_TYPES
from tandem.runtime.services import SERVICE_NAMES
from tandem_tests.running import EmbeddedTandem, ServiceTandem

System = EmbeddedTandem | ServiceTandem
_TANDEM = Path(sys.executable).with_name("tandem")
_OF_THE_PROCESS = ("lease", "cursor", "alembic_version")
"""Tables that say what a process is doing, and how far."""
_YEARS = urlencode({"periodStart": "2020-01-01", "periodEnd": "2039-12-31"})
_THEN = ("date", "extension", "id", "meta", "link")
"""Of an answer: when it was made, and by whom it was asked."""


def run_tandem(*arguments: str) -> str:
    """What `tandem` prints. Raises AssertionError with what it said when it fails."""
    done = subprocess.run([str(_TANDEM), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused_tandem(*arguments: str) -> str:
    """What `tandem` says when it refuses."""
    done = subprocess.run([str(_TANDEM), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1, f"ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stderr


def databases_of(system: System) -> dict[str, str]:
    """The URLs of a system's six databases."""
    if isinstance(system, ServiceTandem):
        return system.databases
    return {name: f"sqlite:///{system.data / name}.sqlite" for name in SERVICE_NAMES}


def named(databases: Mapping[str, str]) -> str:
    """As `--databases` takes them."""
    return ",".join(f"{name}={url}" for name, url in databases.items())


async def rows_of(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but what is the process's own, and but the fact that a log was restored."""
    database = await open_database(url, pool_size=2)
    try:
        async with database.read() as connection:
            names = sorted(await tables_in(connection) - set(_OF_THE_PROCESS))
            found = {
                name: sorted((tuple(row.values()) if hasattr(row, "values") else tuple(row)
                              for row in await connection.fetch(f"SELECT * FROM {name}")), key=repr)
                for name in names
            }  # fmt: skip
            marks = await connection.fetch("SELECT id FROM log WHERE kind = $1", RESTORED)
    finally:
        await database.close()
    ids = {row["id"] for row in marks}
    found["log"] = [row for row in found["log"] if row[0] not in ids]
    found["event_position"] = [row for row in found["event_position"] if row[1] not in ids]
    return found


async def everything(client: FhirClient, measured: FhirClient) -> dict[str, Any]:
    """What the interface answers: all resources, all versions, everybody on every list, every figure.

    `client` is an operator, `measured` an organisation with figures.
    """
    found: dict[str, Any] = {}
    for name in sorted(name for names in OWNED_TYPES.values() for name in names):
        found[name] = await _pages(client, f"{name}?_count=500")
        found[f"history of {name}"] = await _pages(client, f"{name}/_history?_count=500")
    for measure in sorted(each["id"] for each in found["Measure"]):
        report = await measured.call("GET", f"Measure/{measure}/$evaluate-measure?{_YEARS}")
        found[f"figure {measure}"] = {name: value for name, value in report.items() if name not in _THEN}
    return found


async def _pages(client: FhirClient, path: str) -> list[Any]:
    entries: list[Any] = []
    while path:
        bundle = await client.call("GET", path)
        entries += [entry.get("resource") or entry.get("request") for entry in bundle.get("entry", [])]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        path = links.get("next", "").removeprefix(f"{client.base}/")
    return entries


async def dead_letters_of(databases: Mapping[str, str]) -> int:
    """How many events are parked, in all of these databases."""
    total = 0
    for url in databases.values():
        database = await open_database(url, pool_size=2)
        async with database.read() as connection:
            total += await connection.fetchval("SELECT COUNT(*) FROM parked")
        await database.close()
    return total
