"""The practice of the person on the day of a fact, kept beside the fact.

It saves a join with all people for what is counted on its own day, as it is known now. What was known before is asked
of the versions of the person instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.london_days import Day
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection

_THEN: Final = (
    "(SELECT p.practice FROM told_person p WHERE p.patient = told_fact.patient AND p.starts <= told_fact.first"
    " AND p.ends > told_fact.first)"
)


async def practices_on_days(
    connection: Connection, wanted: Iterable[tuple[str | None, Day]]
) -> dict[tuple[str | None, Day], str]:
    """Where each person was registered on each day; what is not known is left out."""
    asked = {each for each in wanted if each[0] is not None}
    if not asked:
        return {}
    rows = await connection.fetch(
        "SELECT patient, practice, starts, ends FROM told_person WHERE practice IS NOT NULL"
        f" AND patient {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, sorted({str(patient) for patient, _ in asked})),
    )
    spans: dict[str, list[tuple[Day, Day, str]]] = {}
    for row in rows:
        spans.setdefault(row["patient"], []).append((row["starts"], row["ends"], row["practice"]))
    return {
        (patient, day): practice
        for patient, day in asked
        for starts, ends, practice in spans.get(str(patient), ())
        if starts <= day < ends
    }


async def move_facts(connection: Connection, patient: str) -> None:
    """Bring the facts of a person in step with where the versions say they were registered."""
    await connection.execute(
        f"UPDATE told_fact SET practice = {_THEN} WHERE patient = $1"
        f" AND COALESCE(practice, '') <> COALESCE({_THEN}, '')",
        patient,
    )


async def move_facts_of(connection: Connection, sources: Iterable[str]) -> None:
    """The same for the facts of these sources, whose days have changed."""
    await connection.executemany(
        f"UPDATE told_fact SET practice = {_THEN} WHERE source = $1", [(each,) for each in sources]
    )
