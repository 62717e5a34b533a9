"""Whom imported audits named, and what becomes of those whom a later audit names no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cohort_service.domain.audit_findings import audit_id
from cohort_service.runs.scope import Scope
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.service import Work


async def latest_data_day(connection: Connection, tool: str, scope: Scope) -> int | None:
    """The newest date of data (a day as in facts) of this tool that was imported for any of these practices."""
    narrowed, params = "", [tool]
    if scope.practices is not None:
        narrowed = (
            " AND EXISTS (SELECT 1 FROM identification_run_practice c WHERE c.run = r.id"
            f" AND c.practice {among(connection.dialect, '$2', 'text')})"
        )
        params.append(array(connection.dialect, scope.practices))
    day: int | None = await connection.fetchval(
        f"SELECT MAX(r.data_day) FROM identification_run r WHERE r.imported = 1 AND r.tool = $1{narrowed}", *params
    )
    return day


async def keep_matches(connection: Connection, run: str, lists: Mapping[str, str]) -> None:
    """Keep whom the run named; `lists` is Patient.id to the id of the List."""
    await connection.executemany(
        "INSERT INTO identification_match (run, patient, list) VALUES ($1, $2, $3)",
        [(run, patient, kept) for patient, kept in sorted(lists.items())],
    )


async def retire_unnamed(work: Work, tool: str, scope: Scope, named: Collection[str]) -> None:
    """Retire the Lists of this tool about people of these practices whom the audit no longer names."""
    narrowed, params = "", [tool]
    if scope.practices is not None:
        narrowed = f" AND t.practice {among(work.connection.dialect, '$2', 'text')}"
        params.append(array(work.connection.dialect, scope.practices))
    rows = await work.connection.fetch(
        "SELECT DISTINCT m.patient FROM identification_match m JOIN identification_run r ON r.id = m.run"
        f" JOIN patient t ON t.id = m.patient AND t.deleted = 0 WHERE r.tool = $1{narrowed}"
        " ORDER BY m.patient", *params,
    )  # fmt: skip
    for row in rows:
        if row["patient"] not in named:
            held = await work.read("List", audit_id(tool, row["patient"]))
            if held is not None and held.get("status") == "current":
                await work.put({**held, "status": "retired"})
