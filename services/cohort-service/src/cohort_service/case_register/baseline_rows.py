"""The rows of baseline returns, and the contacts with hospital that they count."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from cohort_service.domain.case_register.baseline import Year
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.fhir.body import decode, encode
from tandem.london_days import day_number
from tandem.record_facts.codings import DERIVED


async def contacts_in(connection: Connection, patients: Collection[str], kind: str, year: Year) -> int:
    """How often these people were in hospital in a year, by the day on which it began; `kind` is a derived fact."""
    return int(await connection.fetchval(
        "SELECT COUNT(DISTINCT f.record) FROM fact f JOIN person n ON n.number = f.person"
        f" JOIN concept c ON c.number = f.concept WHERE n.patient {among(connection.dialect, '$1', 'text')}"
        " AND c.system = $2 AND c.code = $3 AND f.starts >= $4 AND f.starts <= $5",
        array(connection.dialect, patients), DERIVED, kind, day_number(year.first), day_number(year.last),
    ))  # fmt: skip


async def keep_return(
    connection: Connection, practice: str, day: int, body: list[dict[str, Any]], by: str, at: int
) -> int:
    """Write a return, and answer its number."""
    number = 1 + int(await connection.fetchval(
        "SELECT COUNT(*) FROM register_baseline WHERE practice = $1", practice
    ))  # fmt: skip
    await connection.execute(
        "INSERT INTO register_baseline (practice, number, day, body_json, made_by, at) VALUES ($1, $2, $3, $4, $5, $6)",
        practice, number, day, encode(body), by, at,
    )  # fmt: skip
    return number


async def return_of(
    connection: Connection, practice: str, number: int | None
) -> tuple[int, list[dict[str, Any]]] | None:
    """The return of this number, or the newest one; None when there is none."""
    row = await connection.fetchrow(
        f"SELECT number, body_json FROM register_baseline WHERE practice = $1"
        f"{' AND number = $2' if number is not None else ''} ORDER BY number DESC LIMIT 1",
        practice, *(() if number is None else (number,)),
    )  # fmt: skip
    return (row["number"], decode(bytes(row["body_json"]))) if row is not None else None
