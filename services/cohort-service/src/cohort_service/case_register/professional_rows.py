"""The rows of named professionals: of each person on a register at most one at a time (003 §2.4)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row


@dataclass(frozen=True, slots=True)
class Assignment:
    """A reference to the professional, from a day on; `last_day` is None while it goes on."""

    patient: str
    number: int
    professional: str
    first_day: int
    last_day: int | None


async def assignments_of(connection: Connection, practice: str, patients: Collection[str]) -> dict[str, Assignment]:
    """The current one of each of these people; those without are left out."""
    rows = await connection.fetch(
        "SELECT patient, number, professional, first_day, last_day FROM named_professional WHERE practice = $1"
        f" AND last_day IS NULL AND patient {among(connection.dialect, '$2', 'text')}",
        practice, array(connection.dialect, patients),
    )  # fmt: skip
    return {row["patient"]: _assignment(row) for row in rows}


async def history_of(connection: Connection, practice: str, patient: str) -> list[Assignment]:
    """All of a person, the first one first."""
    rows = await connection.fetch(
        "SELECT patient, number, professional, first_day, last_day FROM named_professional WHERE practice = $1"
        " AND patient = $2 ORDER BY number",
        practice, patient,
    )  # fmt: skip
    return [_assignment(row) for row in rows]


async def hand_over(
    connection: Connection, practice: str, patient: str, professional: str, day: int, by: str, at: int
) -> None:
    """Let another professional oversee the care from `day` on; the one before ends the day before it.

    One that began on that day itself ends with it.
    """
    history = await history_of(connection, practice, patient)
    await connection.execute(
        "UPDATE named_professional SET last_day = CASE WHEN first_day > $3 THEN first_day ELSE $3 END"
        " WHERE practice = $1 AND patient = $2 AND last_day IS NULL",
        practice, patient, day - 1,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO named_professional (practice, patient, number, professional, first_day, assigned_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        practice, patient, len(history) + 1, professional, day, by, at,
    )  # fmt: skip


def _assignment(row: Row) -> Assignment:
    return Assignment(row["patient"], row["number"], row["professional"], row["first_day"], row["last_day"])
