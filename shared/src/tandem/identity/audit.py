"""The audit trail: one compact row for every read and write, in the request's own transaction, never changed after.

A row says who did what to which record of whom, and under which request; it holds no content of a record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tandem.database.connection import Connection
from tandem.identity.caller import Caller

COLUMNS: Final = (
    "at", "organisation", "client", "fhir_user", "role", "purpose", "action", "type", "resource_id", "patient",
    "request_id", "status",
)  # fmt: skip
_CASTS: Final = {"at": "bigint", "status": "integer"}

AUDIT_INSERT: Final = (
    f"INSERT INTO audit ({', '.join(COLUMNS)}) VALUES ({', '.join(f'${n}' for n in range(1, len(COLUMNS) + 1))})"
)
"""One row, for both databases; the values are those of `AuditEntry.values`."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What one row says. `action` is a code of http://hl7.org/fhir/restful-interaction, or `$name` of an operation.

    `at` is the domain clock in microseconds, `status` the HTTP status that was answered. A search that answers with
    records of several people leaves one entry for each of them.
    """

    caller: Caller
    at: int
    action: str
    status: int
    type: str | None = None
    resource_id: str | None = None
    patient: str | None = None
    request_id: str | None = None

    @property
    def values(self) -> tuple[Any, ...]:
        """The values of the row, in the order of COLUMNS."""
        caller = self.caller
        return (
            self.at, caller.organisation, caller.client, caller.user, caller.role, caller.purpose, self.action,
            self.type, self.resource_id, self.patient, self.request_id, self.status,
        )  # fmt: skip


async def record(connection: Connection, entries: Iterable[AuditEntry]) -> None:
    """Write the entries in the transaction of `connection`."""
    rows = [entry.values for entry in entries]
    if len(rows) == 1:
        await connection.execute(AUDIT_INSERT, *rows[0])
    elif rows:
        await connection.executemany(AUDIT_INSERT, rows)


def audit_cte(entry: AuditEntry, params: list[Any], *, source: str, patient: str | None = None) -> str:
    """A PostgreSQL CTE `audited` that writes the entry for every row of the CTE `source`, within the same statement.

    The values are appended to `params`. `patient` is an expression over `source`, such as `found.patient`, which
    takes the place of the entry's patient: on a read, nobody knows it before. The whole reads
    `WITH found AS (SELECT ...), <this> SELECT ... FROM found`; a row that is not found leaves no entry.
    """
    written = []
    for column, value in zip(COLUMNS, entry.values, strict=True):
        if column == "patient" and patient is not None:
            written.append(patient)
            continue
        params.append(value)
        written.append(f"CAST(${len(params)} AS {_CASTS.get(column, 'text')})")
    return f"audited AS (INSERT INTO audit ({', '.join(COLUMNS)}) SELECT {', '.join(written)} FROM {source})"
