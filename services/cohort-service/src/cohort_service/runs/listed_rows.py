"""The people of a run's priority list, with what was judged of them and what they were offered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cohort_service.domain.identification_stages import Decision, decision_of
from cohort_service.domain.judgement import InForce, in_force
from cohort_service.lists.judgement_rows import judgements_of
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row


@dataclass(frozen=True, slots=True)
class Listed:
    """A person on the list: `cohorts` are the reasons, `judged` what is in force of each list."""

    patient: str
    practice: str
    points: int
    cohorts: tuple[str, ...]
    judged: Mapping[str, InForce]

    @property
    def decision(self) -> Decision:
        return decision_of(self.judged.values())


async def listed_people(
    connection: Connection, run: str, practices: Sequence[str] | None, cohorts: Collection[str], day: int, *,
    seen: tuple[str, list[Any]] | None = None, least_points: int = 0, count: int = 1_000_000, offset: int = 0,
) -> list[Listed]:  # fmt: skip
    """The people of the run's list, those with most points first.

    `seen` narrows to people the caller may see: a condition over `m.patient` whose places begin at $4, and its values.
    `day` is today, a day as in facts; `cohorts` are the lists whose judgements count.
    """
    conditions, params = "", [run, least_points, array(connection.dialect, practices or ())]
    if practices is not None:
        conditions += f" AND t.practice {among(connection.dialect, '$3', 'text')}"
    else:
        conditions += f" AND (1 = 1 OR t.practice {among(connection.dialect, '$3', 'text')})"
    if seen is not None:
        conditions += f" AND {seen[0]}"
        params += seen[1]
    rows = await connection.fetch(
        "SELECT m.patient, COALESCE(t.practice, '') AS practice, m.points, m.cohorts FROM identification_run_person m"
        f" JOIN patient t ON t.id = m.patient AND t.deleted = 0 WHERE m.run = $1 AND m.points >= $2{conditions}"
        f" ORDER BY m.points DESC, m.patient LIMIT {count} OFFSET {offset}", *params,
    )  # fmt: skip
    return await _judged(connection, rows, cohorts, day)


async def _judged(connection: Connection, rows: Sequence[Row], cohorts: Collection[str], day: int) -> list[Listed]:
    words = await judgements_of(connection, [row["patient"] for row in rows])
    return [
        Listed(
            row["patient"], row["practice"], row["points"], tuple(sorted(set(row["cohorts"].split()))),
            {cohort: in_force(words.get((cohort, row["patient"]), ()), day) for cohort in cohorts},
        )
        for row in rows
    ]  # fmt: skip
