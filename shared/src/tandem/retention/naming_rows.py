"""Rows that name a person: found by the database, and changed so that they name them no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import LargeBinary, Table

from tandem.database.connection import Connection, Row
from tandem.retention.redaction import Traces, redacted

_BY_OTHER_RULES = ("job", "job_request", "due", "log")


async def naming(
    connection: Connection, table: str, columns: Sequence[str], column: str, traces: Traces, *, text: bool = False,
    within: tuple[int, int] | None = None, held: bool = False,
) -> Sequence[Row]:  # fmt: skip
    """The rows whose column holds a trace of the person; with `within` those whose `id` is behind the first number and
    up to the second. PostgreSQL can give them `held` against other writers, in the order of their `id`."""
    contains = {"postgresql": "position({} IN {}) > 0", "sqlite": "instr({1}, {0}) > 0"}[connection.dialect]
    params: list[object] = [each.decode() for each in traces.needles] if text else list(traces.needles)
    condition = " OR ".join(contains.format(f"${number}", column) for number in range(1, len(params) + 1))
    if within is not None:
        condition = f"({condition}) AND id > ${len(params) + 1} AND id <= ${len(params) + 2}"
        params += within
    order = " ORDER BY id FOR UPDATE" if held else ""
    return await connection.fetch(f"SELECT {', '.join(columns)} FROM {table} WHERE {condition}{order}", *params)


async def redact_rows(connection: Connection, tables: Sequence[Table], traces: Traces) -> Counter[str]:
    """Change what names the person among others, wherever JSON is kept: in bytes, or in a column of text. The log is
    left out: see `log_sweep`."""
    rows: Counter[str] = Counter()
    for table in tables:
        if table.name in _BY_OTHER_RULES:
            continue
        for column in table.columns:
            if column.primary_key or not _holds_json(column.name, isinstance(column.type, LargeBinary)):
                continue
            rows[table.name] += await _redact_column(connection, table, column.name, traces)
    return rows


def _holds_json(name: str, is_bytes: bool) -> bool:
    return is_bytes or name.endswith("_json") or name in ("content", "answer", "statement", "known", "detail")


async def _redact_column(connection: Connection, table: Table, column: str, traces: Traces) -> int:
    text = not isinstance(table.columns[column].type, LargeBinary)
    keys = [each.name for each in table.primary_key.columns]
    changed = 0
    for row in await naming(connection, table.name, [*keys, column], column, traces, text=text):
        raw = row[column].encode() if text else row[column]
        after = redacted(raw, traces)
        if after is None:
            continue
        where = " AND ".join(f"{key} = ${number}" for number, key in enumerate(keys, 2))
        changed += await connection.execute(
            f"UPDATE {table.name} SET {column} = $1 WHERE {where}", after.decode() if text else after,
            *(row[key] for key in keys),
        )  # fmt: skip
    return changed
