"""The dictionary of codes: each has a number, by which facts and value sets name it.

The words for a code (`display`) are those of a value set that was installed. What a record says of a code may be
anything, even a person's name, and is never kept here, where it would stand beside everybody's facts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from cohort_service.catalogue.product_rows import take_in_new_codes
from tandem.database.connection import Connection, Row

Code = tuple[str, str]
"""System and code."""

_KEPT = "concepts"
_SELECT = {
    "postgresql": "SELECT c.number, c.system, c.code FROM unnest($1::text[], $2::text[]) AS k (system, code)"
    " JOIN concept c ON c.system = k.system AND c.code = k.code",
    "sqlite": "SELECT c.number, c.system, c.code FROM json_each($1) AS k CROSS JOIN concept c"
    " ON c.system = json_extract(k.value, '$[0]') AND c.code = json_extract(k.value, '$[1]')",
}
# While no map of products is loaded, a substance is the code itself.
_INSERT_ALL = """
INSERT INTO concept (number, system, code, substance)
SELECT n, system, code, n FROM
    (SELECT nextval(pg_get_serial_sequence('concept', 'number')) AS n, k.system, k.code
     FROM unnest($1::text[], $2::text[]) AS k (system, code)) AS drawn
ON CONFLICT (system, code) DO NOTHING
"""
_INSERT = "INSERT INTO concept (system, code) VALUES ($1, $2) ON CONFLICT (system, code) DO NOTHING"
_SUBSTANCE = "UPDATE concept SET substance = number WHERE system = $1 AND code = $2 AND substance IS NULL"


class Concepts:
    """Numbers of codes, remembered once they are committed. One for a database: see `concepts_of`."""

    def __init__(self) -> None:
        self._known: dict[Code, int] = {}

    async def numbers(self, connection: Connection, codes: Iterable[Code]) -> dict[Code, int]:
        """The number of each code; a code that is new gets one, in this transaction."""
        wanted = set(codes)
        found = {key: self._known[key] for key in wanted if key in self._known}
        # Sorted, so that two transactions with the same new codes wait for each other instead of deadlocking.
        missing = sorted(wanted - found.keys())
        if not missing:
            return found
        fresh = await _select(connection, missing)
        if new := [key for key in missing if key not in fresh]:
            await _insert(connection, new)
            # What another transaction has inserted meanwhile is seen by this newer statement.
            added = await _select(connection, new)
            await take_in_new_codes(connection, self, added.values())
            fresh |= added
        self._remember(connection, fresh)
        return found | fresh

    def _remember(self, connection: Connection, fresh: dict[Code, int]) -> None:
        if connection.in_transaction:
            # Until then they may be this transaction's own, which may roll back.
            connection.after_commit(lambda: self._known.update(fresh))
        else:
            self._known.update(fresh)


def concepts_of(connection: Connection) -> Concepts:
    """The dictionary of this connection's database, shared by all that work on it in this process."""
    kept: Concepts = connection.memory.setdefault(_KEPT, Concepts())
    return kept


async def give_displays(connection: Connection, displays: Mapping[Code, str]) -> None:
    """Keep the words of a value set for codes that are numbered and have none yet."""
    await connection.executemany(
        "UPDATE concept SET display = $3 WHERE system = $1 AND code = $2 AND display IS NULL",
        [(*code, display) for code, display in sorted(displays.items())],
    )


async def _select(connection: Connection, keys: Sequence[Code]) -> dict[Code, int]:
    rows: Sequence[Row]
    if connection.dialect == "postgresql":
        rows = await connection.fetch(_SELECT["postgresql"], [key[0] for key in keys], [key[1] for key in keys])
    else:
        rows = await connection.fetch(_SELECT["sqlite"], json.dumps(keys))
    return {(row["system"], row["code"]): row["number"] for row in rows}


async def _insert(connection: Connection, codes: Sequence[Code]) -> None:
    if connection.dialect == "postgresql":
        await connection.execute(_INSERT_ALL, *(list(column) for column in zip(*codes, strict=True)))
    else:
        await connection.executemany(_INSERT, codes)
        await connection.executemany(_SUBSTANCE, codes)
