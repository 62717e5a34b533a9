"""Loading real records through `$ingest` into everything in one process on one core, and writing the same rows bare."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from places import LOAD_CORE, SERVER_CORE, pin

from tandem.cli.load import http_client, send_files, wait_until_caught_up
from tandem.cli.load_client import LoadClient
from tandem.cli.load_pieces import count_entries, files_below
from tandem.cli.load_summary import Summary
from tandem.fhir.body import decode, encode
from tandem_tests.running import EmbeddedTandem, ServiceTandem

PRACTICE = "A81001"


def synthea(root: Path) -> Path | None:
    """The folder of Synthea bundles beside the project, or the one TANDEM_SHARED names; None when it is not there."""
    given = os.environ.get("TANDEM_SHARED")
    folder = (Path(given) if given else root.parent / "shared") / "data" / "synthea" / "transaction-bundles-a"
    return folder if folder.is_dir() else None


async def load(records: Path, folder: Path, *, files: int, rounds: int) -> dict[str, Any]:
    """Resources a second of the first `files` bundles, taken in by a fresh system each round; floor beside it.

    `per_second` ends when the last job is done, `settled_per_second` when every service has also taken every event of
    another; processor time and bytes written (log, databases, answers) are those until then.
    """
    chosen = sorted(files_below([records]))[:files]
    resources = count_entries(chosen)
    pairs = []
    for number in range(rounds):
        floor = _bare(chosen, folder / f"floor-{number}.sqlite")
        pairs.append((floor, await _through_ingest(chosen, folder / f"load-{number}", resources)))
    ours = [one for _, one in pairs]
    return {
        "resources": resources,
        "floor": {"per_second": round(median(floor for floor, _ in pairs))},
        "tandem": {name: round(median(one[name] for one in ours)) for name in ours[0]},
        "ratio": round(median(one["per_second"] / floor for floor, one in pairs), 3),
    }


async def _through_ingest(files: list[Path], data: Path, resources: int) -> dict[str, float]:
    system = EmbeddedTandem(data)
    system.start()
    pin(system.process.pid, SERVER_CORE)
    try:
        process = psutil.Process(system.process.pid)
        before, written = _cpu(process), process.io_counters().write_chars
        loaded, settled = await sent(system, files)
        used, written = _cpu(process) - before, process.io_counters().write_chars - written
    finally:
        system.stop()
    return {
        "per_second": resources / loaded, "settled_per_second": resources / settled,
        "cpu_us_each": used / resources * 1e6, "written_bytes_each": written / resources,
    }  # fmt: skip


async def sent(system: EmbeddedTandem | ServiceTandem, files: list[Path]) -> tuple[float, float]:
    """Seconds until the last job is done, and until all events are taken. Raises RuntimeError for a refused record."""
    started, summary = time.perf_counter(), Summary()
    async with http_client(system.token("T0001", operator=True)) as http:
        client = LoadClient(http, f"{system.url}/fhir", PRACTICE)
        await send_files(client, files, summary, lambda _: None)
        loaded = time.perf_counter() - started
        await wait_until_caught_up(client)
        settled = time.perf_counter() - started
    if summary.rejects:
        raise RuntimeError(f"{len(summary.rejects)} records were refused")
    return loaded, settled


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


_TABLES = """
CREATE TABLE resource
 (key INTEGER PRIMARY KEY, type TEXT, id TEXT, version INT, updated INT, log_id INT, UNIQUE (type, id));
CREATE TABLE log (id INTEGER PRIMARY KEY, event_id TEXT UNIQUE, kind TEXT, at INT, body BLOB);
CREATE TABLE outbox (log_id INTEGER PRIMARY KEY);
CREATE TABLE audit (id INTEGER PRIMARY KEY, at INT, action TEXT, type TEXT, resource_id TEXT);
CREATE TABLE search_token (key INT, param INT, system TEXT, code TEXT);
CREATE INDEX search_token_code ON search_token (param, code, key, system);
CREATE INDEX search_token_key ON search_token (key);
"""
_TOKENS = 8
"""Search rows a record, which is what these records come to."""


def _bare(files: list[Path], database: Path) -> float:
    """Resources a second when the records are parsed and their rows written, 500 to a durable transaction, no more."""
    os.sched_setaffinity(0, {SERVER_CORE})
    connection = sqlite3.connect(database, isolation_level=None)
    connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {_TABLES}")
    started, number = time.perf_counter(), 0
    for batch in _batches(files):
        connection.execute("BEGIN IMMEDIATE")
        for resource in batch:
            number += 1
            kind, name = resource["resourceType"], f"{number}-{resource.get('id')}"
            body = encode(resource)
            connection.execute("INSERT INTO log VALUES (?, ?, ?, 0, ?)", (number, name, kind, body))
            connection.execute("INSERT INTO resource VALUES (?, ?, ?, 1, 0, ?)", (number, kind, name, number))
            connection.execute("INSERT INTO outbox VALUES (?)", (number,))
            connection.execute("INSERT INTO audit VALUES (?, 0, 'create', ?, ?)", (number, kind, name))
            rows = [(number, param, "a-system", f"{name}-{param}") for param in range(_TOKENS)]
            connection.executemany("INSERT INTO search_token VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    elapsed = time.perf_counter() - started
    connection.close()
    os.sched_setaffinity(0, {LOAD_CORE})
    return number / elapsed


def _batches(files: list[Path]) -> Iterator[list[dict[str, Any]]]:
    for file in files:
        resources = [entry["resource"] for entry in decode(file.read_bytes())["entry"]]
        for start in range(0, len(resources), 500):
            yield resources[start : start + 500]
