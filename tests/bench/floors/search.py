"""The floor of a search: the statement that Tandem itself runs, the audit row, and the stored bytes joined."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl

from serving import serve

from tandem.fhir.search.query import parse_query
from tandem.fhir.search.sql import page_sql
from tandem.fhir.search.where import Access
from tandem.identity.access import visible
from tandem.identity.caller import Caller

_AUDIT = """INSERT INTO audit (at, organisation, action, type, patient, request_id, status)
 VALUES ($1, 'A81001', 'search-type', 'Task', $2, 'a-request', 200)"""


def _access(now: int) -> Access:
    return lambda alias, params: visible(
        Caller(organisation="A81001"), alias, params.values, now, resource_type="Task", registered_only=True
    )


_ENTRY = b'{"fullUrl":"http://127.0.0.1/fhir/Task/%b","resource":%b,"search":{"mode":"match"}}'
_SQL: list[str] = []
_PARAMS: list[Any] = []
_PLACES: dict[str, int] = {}


async def _search(pool: Any, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    pairs = dict(parse_qsl(scope["query_string"].decode()))
    now = time.time_ns() // 1000
    patient = pairs["patient"]
    if not _SQL:
        query = parse_query("Task", list(pairs.items()), False, service="mdt-service")
        sql, params = page_sql(query, _access(now), "postgresql", limit=query.count + 1)
        # The places of the two values that change; the others stay.
        _SQL.append(sql)
        _PARAMS.extend(params)
        _PLACES["now"] = params.index(now)
        _PLACES["patient"] = params.index(patient)
    values = list(_PARAMS)
    values[_PLACES["now"]] = now
    values[_PLACES["patient"]] = patient
    async with pool.acquire() as connection:
        rows = await connection.fetch(_SQL[0], *values)
        await connection.execute(_AUDIT, now, rows[0]["patient"] if rows else None)
    entries = b",".join(_ENTRY % (row["id"].encode(), row["body"]) for row in rows)
    return 200, b'{"resourceType":"Bundle","type":"searchset","entry":[%b]}' % entries


if __name__ == "__main__":
    serve(_search)
