"""Writing what changes on the lists, and saying it."""

from __future__ import annotations

from datetime import date

from cohort_service.lists import member_rows
from cohort_service.lists.announcements import say_entered, say_left
from cohort_service.lists.difference import Difference, Pair
from cohort_service.lists.evidence import evidence_of
from cohort_service.lists.groups import group_id
from cohort_service.lists.member_rows import Evidence, MemberRow, NewMember, member_id
from cohort_service.selection.selection import Selection
from tandem.london_days import day_number
from tandem.service import Work

_EvidenceOf = dict[tuple[str, int], Evidence]


async def write_changes(work: Work, selection: Selection, as_of: date, found: Difference) -> None:
    """Write the difference and emit its events: first who left, then who entered, then whose beginning moved.

    The evidence that is kept with a membership is that of its beginning, and kept anew when it begins on another day,
    by another definition, or by rule instead of judgement; what holds on a later day is computed when it is read.
    """
    begun = [*found.entering, *((pair, pair.wants) for pair, _ in found.begun_anew)]
    shown = await _evidence(
        work, selection, as_of, [pair for pair, wants in begun if wants is not None and wants.origin == "rule"]
    )
    await _leave(work, found)
    await _enter(work, as_of, found, shown)
    await _move(work, found, shown)
    if found.keeping:
        await member_rows.keep(work.connection, found.keeping)
    if found.begun_anew:
        await member_rows.give_evidence(
            work.connection, [(row, shown.get(pair.key, [])) for pair, row in found.begun_anew]
        )


async def _evidence(work: Work, selection: Selection, as_of: date, pairs: list[Pair]) -> _EvidenceOf:
    people: dict[str, set[int]] = {}
    for pair in pairs:
        people.setdefault(pair.cohort, set()).add(pair.person.number)
    shown: _EvidenceOf = {}
    for cohort, numbers in sorted(people.items()):
        given = await evidence_of(work.connection, selection, cohort, as_of, numbers)
        shown.update({(cohort, number): entries for number, entries in given.items()})
    return shown


async def _leave(work: Work, found: Difference) -> None:
    if not found.leaving:
        return
    await member_rows.leave(work.connection, [(row, end) for row, end, _ in found.leaving])
    for row, end, evidence in found.leaving:
        await say_left(
            work, cohort=row.cohort, patient=row.patient, residency=row.id, revision=row.revision + 1,
            since=row.standing.since, end=end, definition=row.standing.definition, evidence=evidence,
        )  # fmt: skip


async def _enter(work: Work, as_of: date, found: Difference, shown: _EvidenceOf) -> None:
    if not found.entering:
        return
    before = await member_rows.stays_before(work.connection, {pair.person.patient for pair, _ in found.entering})
    entering: list[tuple[Pair, NewMember]] = []
    for pair, wants in found.entering:
        number = 1 + before.get((pair.cohort, pair.person.patient), 0)
        since = wants.since if wants.since is not None else day_number(as_of)
        identity = member_id(pair.cohort, pair.person.patient, number)
        new = NewMember(
            identity, pair.cohort, pair.person.patient, number, since, wants, shown.get(pair.key, [])
        )
        entering.append((pair, new))
    await member_rows.enter(work.connection, [new for _, new in entering])
    for pair, new in entering:
        await say_entered(
            work, cohort=new.cohort, patient=new.patient, residency=new.id, revision=1, since=new.since,
            definition=new.wanted.definition, group=_group(pair), evidence=new.evidence, origin=new.wanted.origin,
        )  # fmt: skip


async def _move(work: Work, found: Difference, shown: _EvidenceOf) -> None:
    moved: list[tuple[Pair, MemberRow, int]] = [
        (pair, row, wants.since) for pair, row, wants in found.moving if wants.since is not None
    ]
    if not moved:
        return
    await member_rows.move(work.connection, [(row, since) for _, row, since in moved])
    for pair, row, since in moved:
        assert pair.wants is not None, "what moves is wanted"
        await say_entered(
            work, cohort=row.cohort, patient=row.patient, residency=row.id, revision=row.revision + 1, since=since,
            definition=pair.wants.definition, group=_group(pair), evidence=shown.get(pair.key, []),
            origin=pair.wants.origin,
        )  # fmt: skip


def _group(pair: Pair) -> str | None:
    return group_id(pair.cohort, pair.person.practice) if pair.person.practice is not None else None
