"""Loading the same records into the gateway and five services on PostgreSQL and RabbitMQ, all of Tandem on one core."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

from ingest import sent
from places import SERVER_CORE, cpu_seconds, pin, place

from tandem.cli.load_pieces import count_entries, files_below
from tandem.database.connection import open_database
from tandem.fhir.ownership import SERVICES
from tandem_tests.running import ServiceTandem

_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'"


async def load_services(records: Path, folder: Path, *, files: int, rounds: int) -> dict[str, Any]:
    """Resources a second of the first `files` bundles, and processor time for each: Tandem's and its sessions' of
    PostgreSQL, which run where there is room. Each round has databases and a virtual host of its own.

    `per_second` ends when the last job is done, `settled_per_second` and the processor times when all events are taken.
    """
    chosen = sorted(files_below([records]))[:files]
    resources = count_entries(chosen)
    found = [await _once(chosen, _made(folder / f"services-{number}"), resources) for number in range(rounds)]
    return {
        "resources": resources,
        "tandem": {name: round(median(one[name] for one in found)) for name in found[0]},
    }


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _once(files: list[Path], folder: Path, resources: int) -> dict[str, float]:
    with place(folder) as where:
        databases = {name: where.database(name) for name in (*SERVICES, "gateway")}
        system = ServiceTandem(folder / "data", databases, where.amqp_url)
        where.stack.callback(system.stop)
        system.start()
        ours = [process.pid for process in system.processes.values()]
        for pid in ours:
            pin(pid, SERVER_CORE)
        before, backends_before = cpu_seconds(ours), await _backends_seconds(databases)
        loaded, settled = await sent(system, files)
        used, backends = cpu_seconds(ours) - before, await _backends_seconds(databases)
        # A session that was opened meanwhile has used nothing before.
        asked = sum(seconds - backends_before.get(pid, 0.0) for pid, seconds in backends.items())
    return {
        "per_second": resources / loaded, "settled_per_second": resources / settled,
        "cpu_us_each": used / resources * 1e6, "postgresql_cpu_us_each": asked / resources * 1e6,
    }  # fmt: skip


async def _backends_seconds(databases: dict[str, str]) -> dict[int, float]:
    """Processor time so far of each session of these databases, by process id."""
    found: dict[int, float] = {}
    for url in databases.values():
        database = await open_database(url, pool_size=1)
        try:
            async with database.read() as connection:
                rows = await connection.fetch(_BACKENDS, url.rpartition("/")[2].partition("?")[0])
                found.update({row["pid"]: cpu_seconds([row["pid"]]) for row in rows})
        finally:
            await database.close()
    return found
