"""What a population costs: `python tests/bench/capacity.py --patients 2000 10000`, one system of six processes each.

A synthetic network is loaded through the gateway until every service has taken every event. Told are rows and bytes of
each database, events, processor time of each process and of PostgreSQL, memory, connections, and how many records are
of the last year, which is what a day brings. `capacity_sizes.py` makes the table of sizes from it. PostgreSQL is one of
the run's own, so that its processor time is known.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "plugins")]

import asyncpg  # noqa: E402
import psutil  # noqa: E402

from tandem.fhir.ownership import SERVICES  # noqa: E402
from tandem_tests.private_postgresql import PrivatePostgresql, find_private_postgresql  # noqa: E402
from tandem_tests.rabbitmq_server import create_virtual_host, delete_virtual_host, find_rabbitmq  # noqa: E402
from tandem_tests.running import ServiceTandem, TandemProcess  # noqa: E402

_TANDEM = str(Path(sys.executable).with_name("tandem"))
_MIB: Final = 1024 * 1024
_AS_OF: Final = date(2020, 7, 1)
"""The last day of the synthetic network."""
_WHEN: Final = {
    "Condition": "recordedDate", "Encounter": "period.start", "Immunization": "occurrenceDateTime",
    "MedicationRequest": "authoredOn", "Observation": "effectiveDateTime", "Procedure": "performedDateTime",
}  # fmt: skip
"""Where a record of each type says when it was made."""
_LARGEST = 6


async def capacity(patients: int, practices: int, folder: Path) -> dict[str, Any]:
    """Load so many people and tell what it came to. Raises RuntimeError when a record is refused."""
    network = folder / "network"
    _run("synth", "--patients", str(patients), "--practices", str(practices), "--out", str(network))
    with ExitStack() as stack:
        postgresql = find_private_postgresql()
        if isinstance(postgresql, str):
            raise RuntimeError(f"a PostgreSQL of its own is needed: {postgresql}")
        stack.callback(postgresql.remove)
        system = _system(folder, postgresql, stack)
        idle = {name: _memory(process) for name, process in system.processes.items()}
        used, load = await _loaded(system, postgresql, network)
        databases = {name: await _database(url) for name, url in system.databases.items()}
        return {
            "patients": patients, "practices": practices, "records": _records(network), **load, "cpu_seconds": used,
            "memory_mib": {name: [idle[name], _memory(process)] for name, process in system.processes.items()},
            "databases": databases, "records_of_the_last_year": _of_the_last_year(network),
        }  # fmt: skip


def _system(folder: Path, postgresql: PrivatePostgresql, stack: ExitStack) -> ServiceTandem:
    broker = find_rabbitmq()
    host = create_virtual_host(broker)
    stack.callback(delete_virtual_host, broker, host)
    databases = {name: postgresql.create_database(name) for name in (*SERVICES, "gateway")}
    system = ServiceTandem(folder / "services", databases, broker.at(host))
    stack.callback(system.stop)
    system.start()
    return system


async def _loaded(
    system: ServiceTandem, postgresql: PrivatePostgresql, network: Path
) -> tuple[dict[str, float], dict[str, Any]]:  # fmt: skip
    before, began = _cpu(system, postgresql), time.perf_counter()
    wal, files = await _wal(postgresql), str(network)
    token = system.token("T0001", operator=True)
    arguments = ["load", files, "--url", system.url, "--token", token, "--rejects", str(network.parent / "rejects")]
    loading = asyncio.create_task(asyncio.to_thread(_run, *arguments))
    connections = 0
    while not loading.done():
        connections = max(connections, await _connections(postgresql))
        await asyncio.wait([loading], timeout=2)
    await loading
    elapsed, after = time.perf_counter() - began, _cpu(system, postgresql)
    load = {
        "seconds": round(elapsed), "connections": connections,
        "wal_mib": round((await _wal(postgresql) - wal) / _MIB),
    }  # fmt: skip
    return {name: round(after[name] - before[name], 1) for name in after}, load


def _run(*arguments: str) -> None:
    subprocess.run([_TANDEM, *arguments], check=True, stdout=sys.stderr)


def _cpu(system: ServiceTandem, postgresql: PrivatePostgresql) -> dict[str, float]:
    found = {name: _seconds(psutil.Process(process.pid)) for name, process in system.processes.items()}
    return {**found, "postgresql": _postmaster_seconds(postgresql)}


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _postmaster_seconds(postgresql: PrivatePostgresql) -> float:
    """Of the server, of what it runs now, and of what it ran: connections that ended are in its children's time."""
    postmaster = _listening(postgresql.port)
    times = postmaster.cpu_times()
    ended = float(times.children_user + times.children_system)
    return _seconds(postmaster) + ended + sum(_seconds(child) for child in postmaster.children())


def _listening(port: int) -> psutil.Process:
    for process in psutil.process_iter(["name", "cmdline"]):
        words = process.info["cmdline"] or []
        if "-D" in words and str(port) in words:
            return process
    raise RuntimeError(f"no PostgreSQL listens on {port}")


def _memory(process: TandemProcess) -> float:
    return round(psutil.Process(process.pid).memory_info().rss / _MIB, 1)


async def _ask(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


async def _connections(postgresql: PrivatePostgresql) -> int:
    found = await _ask(
        postgresql.url("postgres"),
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname <> 'postgres'",
    )
    return int(found[0][0])


async def _wal(postgresql: PrivatePostgresql) -> int:
    return int((await _ask(postgresql.url("postgres"), "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))[0][0])


async def _database(url: str) -> dict[str, Any]:
    """Size, rows, and the largest tables with their indexes."""
    await _ask(url, "VACUUM ANALYZE")
    size = (await _ask(url, "SELECT pg_database_size(current_database())"))[0][0]
    tables = await _ask(
        url,
        "SELECT relname, n_live_tup AS rows, pg_total_relation_size(relid) AS bytes"
        " FROM pg_stat_user_tables ORDER BY 3 DESC",
    )
    rows = {table["relname"]: table["rows"] for table in tables}
    return {
        "mib": round(size / _MIB, 1), "rows": sum(rows.values()), "events_written": rows.get("log", 0),
        "events_taken": rows.get("inbox", 0),
        "largest": {table["relname"]: [table["rows"], round(table["bytes"] / _MIB, 1)] for table in tables[:_LARGEST]},
    }  # fmt: skip


def _records(network: Path) -> int:
    return sum(len(file.read_bytes().splitlines()) for file in network.glob("*.ndjson"))


def _of_the_last_year(network: Path) -> int:
    since = (_AS_OF - timedelta(days=365)).isoformat()
    return sum(1 for when in _moments(network) if when >= since)


def _moments(network: Path) -> Iterator[str]:
    for kind, path in _WHEN.items():
        for line in (network / f"{kind}.ndjson").read_text().splitlines():
            found: Any = json.loads(line)
            for name in path.split("."):
                found = found.get(name, {})
            if isinstance(found, str):
                yield found


def main() -> None:
    """Run, print, and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--practices", type=int, default=1)
    parser.add_argument("--to", type=Path, default=HERE / "results" / "capacity.json")
    arguments = parser.parse_args()
    found = []
    for patients in arguments.patients:
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
            found.append(asyncio.run(capacity(patients, arguments.practices, Path(folder))))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    result = {"at": at, "load_average_at_end": [round(each, 1) for each in os.getloadavg()], "runs": found}
    arguments.to.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
