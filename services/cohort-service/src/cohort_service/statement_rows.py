"""The rows of residency statements."""

from __future__ import annotations

from cohort_service.domain.definition import Meaning
from cohort_service.domain.residency_statements import Statement
from tandem.database.connection import Connection


async def keep_statement(
    connection: Connection, reference: str, patient: str | None, said: Statement | None
) -> set[str]:
    """Put the record's present word in place of its former one; answers the people whom either was about."""
    former = await connection.fetchval("SELECT patient FROM residency_statement WHERE reference = $1", reference)
    if said is None or patient is None:
        await connection.execute("DELETE FROM residency_statement WHERE reference = $1", reference)
    else:
        await connection.execute(
            "INSERT INTO residency_statement (reference, patient, meaning, code, display, recorded, starts, ends)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (reference) DO UPDATE SET patient = excluded.patient,"
            " meaning = excluded.meaning, code = excluded.code, display = excluded.display,"
            " recorded = excluded.recorded, starts = excluded.starts, ends = excluded.ends",
            reference, patient, said.meaning.value, said.code, said.display, said.recorded, said.starts, said.ends,
        )  # fmt: skip
    return {each for each in (former, patient) if each is not None}


async def statements_about(connection: Connection, patient: str) -> list[Statement]:
    """Everything recorded of where the person lives."""
    rows = await connection.fetch(
        "SELECT reference, meaning, code, display, recorded, starts, ends FROM residency_statement WHERE patient = $1",
        patient,
    )
    return [
        Statement(
            row["reference"], Meaning(row["meaning"]), row["code"], row["display"], row["recorded"], row["starts"],
            row["ends"],
        )
        for row in rows
    ]  # fmt: skip
