"""Writing the rows of the search tables again from the resources themselves: after a parameter was added or changed.

Each resource is held while its rows are replaced, so nobody finds it without rows, and a write that comes meanwhile
waits and then writes its own.
"""

from __future__ import annotations

from typing import Any

from tandem.database.connection import Connection, Database, Row
from tandem.fhir.body import decode
from tandem.fhir.search.extract import extract
from tandem.fhir.search.ordered_pairs import with_pairs
from tandem.fhir.store_sqlite import INSERT_INDEX

_AT_ONCE = 200
_KEYS = "SELECT key FROM resource WHERE key > $1 ORDER BY key LIMIT $2"
_CURRENT = """
SELECT r.key, r.type, r.version, r.updated, r.patient, l.body FROM resource r JOIN log l ON l.id = r.log_id
WHERE r.key BETWEEN $1 AND $2
"""


async def rebuild_search(database: Database, base: str) -> int:
    """Replace the rows of every resource of a service, which may be running; answers how many resources there are.

    `base` is the FHIR base below which references are the service's own. What was done when it is interrupted stays
    done; it may be run again. Raises DatabaseUnavailable.
    """
    count, after = 0, 0
    while True:
        async with database.read() as connection:
            keys = [row["key"] for row in await connection.fetch(_KEYS, after, _AT_ONCE)]
        if not keys:
            return count
        async with database.transaction() as connection:
            await _replace(connection, keys[0], keys[-1], base)
        count, after = count + len(keys), keys[-1]


async def _replace(connection: Connection, first: int, last: int, base: str) -> None:
    if connection.dialect == "postgresql":
        # A statement of its own: one that waits for a row sees it as it is then, but joins it to the log as it was.
        await connection.execute(
            "SELECT 1 FROM resource WHERE key BETWEEN $1 AND $2 ORDER BY type, id FOR UPDATE", first, last
        )
    rows = await connection.fetch(_CURRENT, first, last)
    found: dict[str, list[tuple[Any, ...]]] = {table: [] for table in INSERT_INDEX}
    for row in rows:
        if row["body"] is not None:
            for table, values in zip(INSERT_INDEX, _index(row, base), strict=True):
                found[table] += [(row["key"], *each) for each in values]
    for table, statement in INSERT_INDEX.items():
        await connection.execute(f"DELETE FROM {table} WHERE key BETWEEN $1 AND $2", first, last)
        if found[table]:
            await connection.executemany(statement, found[table])


def _index(row: Row, base: str) -> tuple[list[Any], ...]:
    patient = f"Patient/{row['patient']}" if row["patient"] else None
    rows = extract(row["type"], decode(row["body"]), resolved_patient=patient, base=base)
    return with_pairs(row["type"], rows, row["updated"])
