"""Who would be identified: the cohorts tried on everybody registered, with what clinicians judged laid over it.

Nothing is written: no list changes, and nobody is invited.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from cohort_service.domain.capacity.plan import Candidate
from cohort_service.domain.judgement import NOTHING_JUDGED, in_force
from cohort_service.domain.membership import Selected, wanted
from cohort_service.lists.compiled import members_among
from cohort_service.lists.in_force import definition_for
from cohort_service.lists.judgement_rows import judgements_of
from cohort_service.runs.run_counts import people_after
from cohort_service.selection.selection import Selection
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.london_days import day_number

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Trial:
    """The cohorts that are tried at some practices (codes) on a day; offers from day `since` on were this year's."""

    selection: Selection
    cohorts: Sequence[str]
    practices: Sequence[str]
    as_of: date
    service: str
    since: int


@dataclass(slots=True)
class Demand:
    """How many people each cohort has, and each person identified once."""

    by_cohort: dict[str, int] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)


async def demand(connection: Connection, trial: Trial) -> Demand:
    """Try the cohorts, a few thousand people at a time."""
    found, after = Demand(by_cohort=dict.fromkeys(trial.cohorts, 0)), 0
    while people := await people_after(connection, after, trial.practices, _CHUNK):
        after = people[-1][0]
        await _add(connection, trial, dict(people), found)
    return found


async def _add(connection: Connection, trial: Trial, practices: dict[int, str], found: Demand) -> None:
    people = await _present(connection, trial, practices)
    selected = await _selected(connection, trial, people)
    judged = await judgements_of(connection, list(people.values()))
    offered = await _offered(connection, trial, list(people.values()))
    day = day_number(trial.as_of)
    for number, patient in people.items():
        practice = practices[number]
        wants = []
        for cohort in trial.cohorts:
            definition = definition_for(trial.selection, cohort, practice, trial.as_of)
            if definition is None:
                continue
            words = in_force(judged[cohort, patient], day) if (cohort, patient) in judged else NOTHING_JUDGED
            want = wanted(selected.get((cohort, number)), words, definition.name)
            if want is not None:
                wants.append(want)
                found.by_cohort[cohort] += 1
        if wants:
            priority, points = max(each.priority for each in wants), max(each.rank for each in wants)
            found.candidates.append(Candidate(patient, practice, priority, points, patient in offered))


async def _present(connection: Connection, trial: Trial, practices: dict[int, str]) -> dict[int, str]:
    """Number -> Patient.id of those who have neither died nor left by the day."""
    rows = await connection.fetch(
        "SELECT number, patient FROM person WHERE (died IS NULL OR died > $2) AND (left_on IS NULL OR left_on > $2)"
        f" AND number {among(connection.dialect, '$1', 'bigint')} ORDER BY number",
        array(connection.dialect, practices), day_number(trial.as_of),
    )  # fmt: skip
    return {row["number"]: row["patient"] for row in rows}


async def _selected(
    connection: Connection, trial: Trial, people: Collection[int]
) -> dict[tuple[str, int], Selected]:
    sql = members_among(trial.selection, trial.cohorts, trial.as_of, connection.dialect, scope="people")
    rows = await connection.fetch(sql, array(connection.dialect, people))
    return {(row["cohort"], row["person"]): Selected(row["since"], row["rank"]) for row in rows}


async def _offered(connection: Connection, trial: Trial, patients: Sequence[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT patient FROM offer_progress WHERE service = $2 AND offered_day >= $3"
        f" AND patient {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, patients), trial.service, trial.since,
    )  # fmt: skip
    return {row["patient"] for row in rows}
