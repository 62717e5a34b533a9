"""The floor of a create: one statement that writes the same durable rows, after the same look at who may.

Nothing is validated, no token is checked, and the search rows are worked out once and not for each request.
"""

from __future__ import annotations

import argparse
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec
from serving import serve

from tandem.fhir.search.extract import extract

sys.path.append(str(Path(__file__).resolve().parents[1]))
from sample import PRACTICE, PROVIDER, patient_id, task

_STATEMENT = """
WITH n AS (SELECT nextval('log_id_seq') AS id),
p AS (SELECT p.id FROM patient p JOIN access a ON a.patient = p.id
      WHERE p.id = $1 AND p.deleted = 0 AND a.organisation = $2 AND a.starts <= $3 AND a.ends > $3 LIMIT 1),
r AS (INSERT INTO resource (type, id, version, updated, deleted, log_id, patient, author, custodian)
      SELECT 'Task', $4, 1, $3, 0, n.id, p.id, $2, $5 FROM n, p RETURNING key),
l AS (INSERT INTO log (id, event_id, kind, type, resource_id, version, at, patient, author, granted, correlation, body)
      SELECT n.id, $6, 'fhir.Task.create', 'Task', $4, 1, $3, $1, $2, 1, $7, $8 FROM n, r),
o AS (INSERT INTO outbox (log_id, txid) SELECT n.id, pg_current_xact_id()::text::bigint FROM n, r),
t AS (INSERT INTO search_token (key, param, system, code)
      SELECT r.key, u.* FROM r, unnest($9::int[], $10::text[], $11::text[]) u),
d AS (INSERT INTO search_date (key, param, low, high)
      SELECT r.key, u.* FROM r, unnest($12::int[], $13::bigint[], $14::bigint[]) u),
m AS (INSERT INTO part (source, patient, organisation_reference, giver, organisation, starts, ends)
      SELECT 'Task/' || $4, $1, u, $2, u, 0, 9000000000000000 FROM r, unnest($15::text[]) u),
a AS (INSERT INTO audit (at, organisation, action, type, resource_id, patient, request_id, status)
      SELECT $3, $2, 'create', 'Task', $4, $1, $7, 201 FROM r)
SELECT key FROM r
"""
_INDEX: list[list[Any]] = []
_decoder, _encoder = msgspec.json.Decoder(), msgspec.json.Encoder()


def _prepare(_: argparse.Namespace) -> None:
    known = patient_id(1)
    rows = extract("Task", task(known), resolved_patient=f"Patient/{known}", base="http://127.0.0.1/fhir")
    _INDEX.extend(list(column) for column in zip(*rows.tokens, strict=True))
    _INDEX.extend(list(column) for column in zip(*rows.dates, strict=True))


async def _create(pool: Any, scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    resource = _decoder.decode(body)
    patient = resource["for"]["reference"].removeprefix("Patient/")
    resource["id"] = str(uuid.uuid4())
    resource["meta"] = {"versionId": "1", "lastUpdated": "2020-07-01T08:00:00.000Z"}
    stored = _encoder.encode(resource)
    async with pool.acquire() as connection:
        row = await connection.fetchrow(
            _STATEMENT, patient, PRACTICE, time.time_ns() // 1000, resource["id"], PROVIDER, str(uuid.uuid4()),
            "a-request", stored, *_INDEX, [PRACTICE, PROVIDER],
        )  # fmt: skip
    return (201, stored) if row is not None else (403, b"{}")


if __name__ == "__main__":
    serve(_create, _prepare)
