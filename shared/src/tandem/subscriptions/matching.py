"""Which versions match criteria: the conditions of the search itself, over the search rows of those very versions.

The search tables hold what a resource says now, and a notification is about what a version said. So the statement of
the search runs with the tables replaced: a common table expression hides the table of its name. What matches a search
when it is written matches here, because it is the same SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tandem.database.connection import Connection, Dialect, Row
from tandem.fhir.body import decode, encode
from tandem.fhir.search.extract import extract
from tandem.fhir.search.index_rows import IndexRows
from tandem.fhir.search.predicates import Params
from tandem.fhir.search.sql import any_integer
from tandem.fhir.search.where import everything, select
from tandem.subscriptions.criteria import Criteria

_COLUMNS: dict[str, dict[str, str]] = {
    "search_token": {"param": "int", "system": "text", "code": "text"},
    "search_date": {"param": "int", "low": "bigint", "high": "bigint"},
    "search_string": {"param": "int", "folded": "text", "value": "text"},
    "search_number": {"param": "int", "low": "float8", "high": "float8", "system": "text", "unit": "text"},
}


async def matching(connection: Connection, criteria: Criteria, versions: Sequence[Row], base: str) -> set[int]:
    """The log ids of those versions (rows of the log with `log_id`, `type`, `patient` and `body`) that match."""
    if not versions:
        return set()
    sql, params = _statement(criteria, versions, base, connection.dialect)
    return {row["key"] for row in await connection.fetch(sql, *params)}


def _statement(criteria: Criteria, versions: Sequence[Row], base: str, dialect: Dialect) -> tuple[str, list[Any]]:
    params = Params(dialect)
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in _COLUMNS}
    for version in versions:
        for table, found in _index(version, base):
            rows[table] += found
    hidden = [
        f"{table} AS ({_given(columns, params.add(encode(rows[table]).decode()), dialect)})"
        for table, columns in _COLUMNS.items()
    ]
    hidden.append(f"resource AS ({_resources([version['log_id'] for version in versions], params)})")
    chosen = select(criteria.type, criteria.query.conditions, everything, params)
    searched = f"SELECT {chosen.key} AS key FROM {chosen.source} WHERE {chosen.condition}"
    return f"WITH {', '.join(hidden)} {searched}", params.values


def _index(version: Row, base: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    named = f"Patient/{version['patient']}" if version["patient"] else None
    index: IndexRows = extract(version["type"], decode(version["body"]), resolved_patient=named, base=base)
    tables: tuple[Sequence[tuple[Any, ...]], ...] = (index.tokens, index.dates, index.strings, index.numbers)
    for (table, columns), rows in zip(_COLUMNS.items(), tables, strict=True):
        yield table, [{"key": version["log_id"], **dict(zip(columns, row, strict=True))} for row in rows]


def _given(columns: dict[str, str], placeholder: str, dialect: Dialect) -> str:
    if dialect == "postgresql":
        declared = ", ".join(f"{name} {kind}" for name, kind in {"key": "bigint", **columns}.items())
        return f"SELECT * FROM jsonb_to_recordset({placeholder}::text::jsonb) AS given({declared})"
    read = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in ("key", *columns))
    return f"SELECT {read} FROM json_each({placeholder})"


def _resources(log_ids: Sequence[int], params: Params) -> str:
    # A version stands in the place of its resource, under the number of its row in the log.
    kept = "main.resource" if params.dialect == "sqlite" else "resource"
    among = any_integer("l.id", log_ids, params)
    return (
        "SELECT l.id AS key, k.type, k.id, l.at AS updated, 0 AS deleted, k.received_from"
        f" FROM log l JOIN {kept} k ON k.type = l.type AND k.id = l.resource_id WHERE {among}"
    )
