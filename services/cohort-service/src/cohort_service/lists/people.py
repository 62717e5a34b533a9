"""The people of a batch: who they are, where they are registered, and what ends every membership."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cohort_service.domain.membership import Gone, gone
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """`practice` is a code, None while it is not known."""

    number: int
    patient: str
    practice: str | None
    gone: Gone | None


async def people_held(connection: Connection, people: Collection[int], day: int) -> list[ListedPerson]:
    """These people, held until the transaction ends, so that no other evaluates them from an older state.

    Whoever waits here sees what the other committed, because the statements that follow are newer than the wait.
    """
    numbers = array(connection.dialect, sorted(people))
    condition = among(connection.dialect, "$1", "bigint")
    if connection.dialect == "postgresql":
        await connection.fetch(
            f"SELECT number FROM person WHERE number {condition} ORDER BY number FOR NO KEY UPDATE", numbers
        )
    rows = await connection.fetch(
        "SELECT p.number, p.patient, p.died, p.left_on, k.practice, COALESCE(k.deleted, 0) AS deleted FROM person p"
        f" LEFT JOIN patient k ON k.id = p.patient WHERE p.number {condition} ORDER BY p.number",
        numbers,
    )
    return [
        ListedPerson(
            row["number"], row["patient"], row["practice"],
            gone(row["died"], row["left_on"], bool(row["deleted"]), day),
        )
        for row in rows
    ]  # fmt: skip


async def people_after(
    connection: Connection, number: int, count: int, practices: Sequence[str] | None = None
) -> list[int]:
    """The next `count` people by number; with `practices` only those registered there."""
    if practices is None:
        rows = await connection.fetch(
            "SELECT number FROM person WHERE number > $1 ORDER BY number LIMIT $2", number, count
        )
    else:
        rows = await connection.fetch(
            "SELECT p.number FROM person p JOIN patient k ON k.id = p.patient WHERE p.number > $1"
            f" AND k.practice {among(connection.dialect, '$3', 'text')} ORDER BY p.number LIMIT $2",
            number, count, array(connection.dialect, practices),
        )  # fmt: skip
    return [row["number"] for row in rows]

