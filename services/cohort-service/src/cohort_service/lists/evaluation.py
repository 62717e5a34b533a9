"""Lists brought in step with what is recorded and judged, for some people or for everybody, by the same steps.

Whatever changed, the people are selected anew as of today and compared with what stands; the difference is written and
said in one transaction. Applying it again, late or in other batches gives the same lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.membership import Selected, Stay
from cohort_service.lists.changes import write_changes
from cohort_service.lists.compiled import members_among
from cohort_service.lists.difference import Batch, DatedBy, Pair, difference
from cohort_service.lists.evidence import dated_by
from cohort_service.lists.groups import ensure_groups
from cohort_service.lists.in_force import definition_for, definitions_for
from cohort_service.lists.judgement_rows import judgements_of
from cohort_service.lists.member_rows import standing_rows
from cohort_service.lists.people import ListedPerson, people_after, people_held
from cohort_service.selection.people_scope import scope_of
from cohort_service.selection.selection import Selection
from tandem.database.array_parameters import array
from tandem.database.connection import Connection
from tandem.london_days import day_number, london_date
from tandem.service import Work

BATCH = 500
"""So many people are in memory at once, with their memberships."""
_RANGED_FROM = 100
"""So many people with neighbouring numbers cost less as a range than as a list: at 400 a third on SQLite, a fifth on
PostgreSQL, in processor time."""


async def evaluate_people(work: Work, people: Collection[int]) -> None:
    """Bring all lists in step for these people (by number), of whom something was recorded, as of today in London."""
    if not people:
        return
    as_of = london_date(work.now)
    selection = await current_selection(work.connection, as_of)
    for batch in _batches(sorted(set(people))):
        await _evaluate(work, selection, batch, None)


async def evaluate_everybody(
    work: Work, cohorts: Sequence[str] | None = None, practices: Sequence[str] | None = None
) -> None:
    """Bring the lists in step for everybody, in one transaction; only these cohorts or people of these practices."""
    after: int | None = 0
    while after is not None:
        after = await evaluate_next(work, after, BATCH, cohorts, practices)


async def evaluate_next(
    work: Work, after: int, count: int, cohorts: Sequence[str] | None = None, practices: Sequence[str] | None = None
) -> int | None:
    """Evaluate the next `count` people by number; answers the last one's, or None when there was nobody left."""
    people = await people_after(work.connection, after, count, practices)
    if not people:
        return None
    selection = await current_selection(work.connection, london_date(work.now))
    for batch in _batches(people):
        await _evaluate(work, selection, batch, cohorts)
    return people[-1]


def _batches(people: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(people), BATCH):
        yield people[start : start + BATCH]


async def _evaluate(
    work: Work, selection: Selection, numbers: Sequence[int], cohorts: Sequence[str] | None
) -> None:
    connection, as_of = work.connection, london_date(work.now)
    people = await people_held(connection, numbers, day_number(as_of))
    patients = [person.patient for person in people]
    batch = Batch(
        day_number(as_of), people,
        selected=await _selected(connection, selection, people, as_of, cohorts),
        judged=await judgements_of(connection, patients),
        standing=await standing_rows(connection, patients, cohorts),
        asked=lambda cohort: cohorts is None or cohort in cohorts,
        definition_for=lambda cohort, practice: definition_for(selection, cohort, practice, as_of),
    )  # fmt: skip
    pairs = list(batch.pairs())
    practices = sorted({person.practice for person in people if person.practice is not None and person.gone is None})
    await ensure_groups(
        work, ((each, practice) for practice in practices for each in definitions_for(selection, practice, as_of))
    )
    dated_by = await _dated_by(connection, selection, pairs)
    await write_changes(work, selection, as_of, difference(pairs, batch.day, dated_by))


async def _selected(
    connection: Connection, selection: Selection, people: Sequence[ListedPerson], as_of: date,
    cohorts: Sequence[str] | None,
) -> dict[tuple[str, int], Selected]:  # fmt: skip
    listed = sorted(each.id for each in selection.definitions.values() if each.listed)
    asked = [each for each in listed if cohorts is None or each in cohorts]
    if not asked or not people:
        return {}
    numbers = [person.number for person in people]
    scope = scope_of(numbers, least=_RANGED_FROM)
    given = (numbers[0], numbers[-1]) if scope == "range" else (array(connection.dialect, numbers),)
    sql = members_among(selection, asked, as_of, connection.dialect, scope=scope)
    rows, own = await connection.fetch(sql, *given), set(numbers)
    return {
        (row["cohort"], row["person"]): Selected(row["since"], row["rank"]) for row in rows if row["person"] in own
    }


async def _dated_by(connection: Connection, selection: Selection, pairs: Sequence[Pair]) -> DatedBy:
    wanting = [pair for pair in pairs if pair.needs_its_stays]
    found: dict[tuple[str, int], Sequence[tuple[Stay, dict[str, Any]]]] = {}
    for value_sets in {pair.definition.since for pair in wanting if pair.definition is not None}:
        these = [pair for pair in wanting if pair.definition is not None and pair.definition.since == value_sets]
        facts = await dated_by(connection, selection, value_sets, {pair.person.number for pair in these})
        found.update({pair.key: facts.get(pair.person.number, []) for pair in these})
    return found
