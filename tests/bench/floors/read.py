"""The floor of a read: one SELECT with the access join, and the audit row in the same statement."""

from __future__ import annotations

import time
from typing import Any

from serving import serve

_STATEMENT = """
WITH found AS (
  SELECT r.version, r.updated, r.deleted, r.patient, l.body FROM resource r JOIN log l ON l.id = r.log_id
  WHERE r.type = 'Task' AND r.id = $1 AND EXISTS (
    SELECT 1 FROM access a WHERE a.patient = r.patient AND a.organisation = $2 AND a.starts <= $3 AND a.ends > $3)
), audited AS (
  INSERT INTO audit (at, organisation, action, type, resource_id, patient, request_id, status)
  SELECT $3, $2, 'read', 'Task', $1, found.patient, $4, 200 FROM found
) SELECT * FROM found
"""


async def _read(pool: Any, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    resource_id = scope["path"].rpartition("/")[2]
    async with pool.acquire() as connection:
        row = await connection.fetchrow(_STATEMENT, resource_id, "A81001", time.time_ns() // 1000, "a-request")
    return (200, row["body"]) if row is not None else (404, b"{}")


if __name__ == "__main__":
    serve(_read)
