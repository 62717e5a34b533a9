"""What an erasure costs in a long log: `python tests/bench/erasure.py --entries 1000000`, on PostgreSQL.

A log of mdt-service is filled with Tasks of 20,000 people, some 1 kB each, one entry in 10,000 an event of a rare kind;
60 Tasks are of the person who is erased, and 40 lists of others name them. Told are wall time and processor time, of
this process and of PostgreSQL's, for the transaction, the steps through the log, and a page of the rare kind.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "plugins")]

import asyncpg  # noqa: E402

from mdt_service.service import service  # noqa: E402
from tandem.database.connection import Connection, Database, open_database  # noqa: E402
from tandem.database.migrate import migrate  # noqa: E402
from tandem.events.log import log_page  # noqa: E402
from tandem.retention.erasing import erase  # noqa: E402
from tandem.retention.log_sweep import sweep_range  # noqa: E402
from tandem_tests.private_postgresql import find_private_postgresql  # noqa: E402

HER: Final = "5643a7bf-4ceb-4401-b003-361c4440f93b"
RARE: Final = "tandem.clock.breached"
_TEXT: Final = "(SELECT string_agg(md5((n * i)::text), '') FROM generate_series(1, 30) i)"
_PERSON: Final = "'person-' || (n % 20000)"
_BODY: Final = f"""
'{{"resourceType":"Task","status":"requested","for":{{"reference":"Patient/' || {_PERSON} || '"}},"description":"'
|| {_TEXT} || '"}}'
"""
_FILL: Final = (
    f"""INSERT INTO log (event_id, kind, type, resource_id, version, at, patient, author, body)
        SELECT 'e' || n, 'fhir.Task.create', 'Task', 't' || n, 1, n, {_PERSON}, 'A81001', convert_to({_BODY}, 'UTF8')
        FROM generate_series(1, ENTRIES) n""",
    "INSERT INTO event_position SELECT id, id FROM log",
    f"UPDATE log SET kind = '{RARE}', type = NULL, version = NULL WHERE id % 10000 = 0",
    f"""INSERT INTO resource (type, id, version, updated, log_id, patient)
        SELECT 'Task', 't' || n, 1, n, n, {_PERSON} FROM generate_series(1, ENTRIES) n""",
    f"INSERT INTO patient (id, nhs_number) VALUES ('{HER}', '9990001234')",
    f"UPDATE log SET patient = '{HER}' WHERE id % (ENTRIES / 60) = 1",
    f"UPDATE resource SET patient = '{HER}' WHERE log_id % (ENTRIES / 60) = 1",
    f"""UPDATE log SET patient = NULL, body = '{{"member":[{{"reference":"Patient/{HER}"}}]}}'
        WHERE id % (ENTRIES / 40) = 3""",
    "VACUUM ANALYZE",
)


class Told:
    """Processor time of this process and of the server's processes that worked for it, in seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def measured(self, what: str, work: Callable[[Connection], Awaitable[Any]]) -> Any:
        """Do it in a transaction, and print what it took."""
        started, own = time.perf_counter(), time.process_time()
        async with self._database.transaction() as connection:
            before = await _processor_time(connection)
            result = await work(connection)
            server = await _processor_time(connection) - before
        wall, own = time.perf_counter() - started, time.process_time() - own
        print(f"{what}: {wall:.2f} s, processor {own:.2f} s and server {server:.2f} s, load {os.getloadavg()[0]:.1f}")
        return result


async def _processor_time(connection: Connection) -> float:
    return _of_process(await connection.fetchval("SELECT pg_backend_pid()"))


def _of_process(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def run(url: str, entries: int) -> None:
    """Fill, erase and tell."""
    await migrate(service, url)
    raw = await asyncpg.connect(url)
    for statement in _FILL:
        await raw.execute(statement.replace("ENTRIES", str(entries)))
    size = await raw.fetchval("SELECT pg_total_relation_size('log')")
    print(f"a log of {entries} entries, {size // 2**20} MiB")
    database = await open_database(url, pool_size=2)
    told = Told(database)

    async def page(connection: Connection) -> int:
        return len((await log_page(connection, service.name, 0, 1000, [RARE])).envelopes)

    print(await told.measured("a page of a rare kind", page), "events")
    erased = await told.measured("at once", lambda connection: erase(connection, service, HER))
    after, step, changed = 0, 0, 0
    while after is not None:
        step += 1
        more, after = await told.measured(f"step {step}", partial(sweep_range, traces=erased.traces, after=after))
        changed += more
    named = "SELECT COUNT(*) FROM log WHERE position($1 IN body) > 0 OR patient = $2"
    left = await raw.fetchval(named, HER.encode(), HER)
    print(f"{erased.rows}, {changed} changed in {step} steps, {left} left")
    await database.close()
    await raw.close()


def main() -> None:
    """Run on a server of the run's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    entries = parser.parse_args().entries
    server = find_private_postgresql()
    if isinstance(server, str):
        raise SystemExit(server)
    try:
        asyncio.run(run(server.create_database("erasure"), entries))
    finally:
        server.remove()


if __name__ == "__main__":
    main()
