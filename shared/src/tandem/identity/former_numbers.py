"""NHS numbers that a person had: replaced since, marked as superseded, or free again since the Patient was deleted.

Nobody is found by one. They are kept so that an erasure knows by what else the person is named among others.
"""

from __future__ import annotations

from collections.abc import Collection

from tandem.database.connection import Connection
from tandem.database.places import placed


async def keep_former(connection: Connection, patient: str, numbers: Collection[str]) -> None:
    """Keep that the person had these numbers."""
    for number in sorted(numbers):
        await connection.execute(
            "INSERT INTO former_nhs_number (patient, nhs_number) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            patient, number,
        )  # fmt: skip


async def former_numbers(connection: Connection, patient: str) -> set[str]:
    """The numbers that the person had."""
    rows = await connection.fetch("SELECT nhs_number FROM former_nhs_number WHERE patient = $1", patient)
    return {row["nhs_number"] for row in rows}


async def numbers_of_others(connection: Connection, patient: str, numbers: Collection[str]) -> set[str]:
    """Which of these numbers are somebody else's now, who got one that the person had by mistake or before."""
    if not numbers:
        return set()
    params: list[object] = [patient]
    rows = await connection.fetch(
        f"SELECT nhs_number FROM patient WHERE id <> $1 AND nhs_number IN ({placed(params, sorted(numbers))})", *params
    )
    return {row["nhs_number"] for row in rows}
