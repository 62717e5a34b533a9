"""The rows of residency statements, kept with the facts of the records that make them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cohort_service.domain.residency_codes import Meaning
from cohort_service.domain.residency_statements import Statement
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection

_COLUMNS = ("reference", "patient", "meaning", "code", "display", "recorded", "starts", "ends")
_TABLE = "residency_statement"


async def keep_statements(
    connection: Connection, said: Mapping[str, tuple[str | None, Statement | None]]
) -> set[str]:
    """Put the present word of each record (by reference: patient and statement) in place of its former one.

    Answers the patients whom either was about.
    """
    if not said:
        return set()
    former = await connection.fetch(
        f"DELETE FROM {_TABLE} WHERE reference {among(connection.dialect, '$1', 'text')} RETURNING patient",
        array(connection.dialect, said.keys()),
    )
    rows = [
        (reference, patient, word.meaning.value, word.code, word.display, word.recorded, word.starts, word.ends)
        for reference, (patient, word) in said.items()
        if patient is not None and word is not None
    ]
    await connection.copy_rows(_TABLE, _COLUMNS, rows)
    return {row["patient"] for row in former} | {row[1] for row in rows}


async def statements_about(connection: Connection, patients: Collection[str]) -> dict[str, list[Statement]]:
    """Everything recorded of where these people live, by patient."""
    found: dict[str, list[Statement]] = {patient: [] for patient in patients}
    rows = await connection.fetch(
        f"SELECT {', '.join(_COLUMNS)} FROM {_TABLE} WHERE patient {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, found.keys()),
    )
    for row in rows:
        found[row["patient"]].append(
            Statement(
                row["reference"], Meaning(row["meaning"]), row["code"], row["display"], row["recorded"],
                row["starts"], row["ends"],
            )
        )  # fmt: skip
    return found
