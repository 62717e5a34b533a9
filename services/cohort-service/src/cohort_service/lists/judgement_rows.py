"""The rows of judgements."""

from __future__ import annotations

from collections.abc import Collection

from cohort_service.domain.judgement import Judgement
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode
from tandem.ids import deterministic_id

_COLUMNS = (
    "cohort, patient, number, decision, reason, reason_code, tool, author, organisation, at, until_day"
)


async def judgements_of(connection: Connection, patients: Collection[str]) -> dict[tuple[str, str], list[Judgement]]:
    """Every word about these people, expired ones too, oldest first, by (cohort, patient)."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM judgement WHERE patient {among(connection.dialect, '$1', 'text')}"
        " ORDER BY patient, cohort, number",
        array(connection.dialect, patients),
    )
    found: dict[tuple[str, str], list[Judgement]] = {}
    for row in rows:
        found.setdefault((row["cohort"], row["patient"]), []).append(_judgement(row))
    return found


async def keep_judgement(connection: Connection, cohort: str, patient: str, judgement: Judgement) -> None:
    """Write one; its number must be the next of the person and list, else UniqueViolation."""
    await connection.execute(
        f"INSERT INTO judgement (id, {_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        deterministic_id("judgement", cohort, patient, str(judgement.number)), cohort, patient, judgement.number,
        judgement.decision, judgement.reason,
        encode(judgement.reason_code).decode() if judgement.reason_code is not None else None,
        judgement.tool, judgement.author, judgement.organisation, judgement.at, judgement.until_day,
    )  # fmt: skip


def _judgement(row: Row) -> Judgement:
    code = decode(row["reason_code"].encode()) if row["reason_code"] is not None else None
    return Judgement(
        row["number"], row["decision"], row["reason"], row["author"], row["organisation"], row["at"], code,
        row["tool"], row["until_day"],
    )  # fmt: skip
