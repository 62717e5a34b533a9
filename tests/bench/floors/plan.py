"""The floor of a plan's document: one SELECT of all the person's records in careplan-service, the audit row, and the
stored bytes joined."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs

from serving import serve

_SELECT = """SELECT r.type, r.id, l.body FROM resource r JOIN log l ON l.id = r.log_id
 WHERE r.patient = $1 AND r.deleted = 0 AND EXISTS (
  SELECT 1 FROM access a WHERE a.patient = r.patient AND a.organisation = $2 AND a.starts <= $3 AND a.ends > $3)"""
_AUDIT = """INSERT INTO audit (at, organisation, action, type, patient, request_id, status)
 VALUES ($1, $2, '$shared-plan', 'CarePlan', $3, 'a-request', 200)"""
_ENTRY = b'{"fullUrl":"http://127.0.0.1/fhir/%b/%b","resource":%b}'


async def _document(pool: Any, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    asked = parse_qs(scope["query_string"].decode())
    patient, organisation, now = asked["patient"][0], asked["organisation"][0], time.time_ns() // 1000
    async with pool.acquire() as connection:
        rows = await connection.fetch(_SELECT, patient, organisation, now)
        await connection.execute(_AUDIT, now, organisation, patient)
    entries = b",".join(_ENTRY % (row["type"].encode(), row["id"].encode(), row["body"]) for row in rows)
    return (200 if rows else 404), b'{"resourceType":"Bundle","type":"document","entry":[%b]}' % entries


if __name__ == "__main__":
    serve(_document)
