"""A write that says where a person lives changes the care home list in the same transaction."""

from __future__ import annotations

from cohort_service.domain.care_home_residents import COHORT, residency
from cohort_service.domain.definition import definition
from cohort_service.domain.residency_statements import statement_of
from cohort_service.groups import ensure_group, practice_of
from cohort_service.members import keep_member
from cohort_service.statement_rows import keep_statement, statements_about
from tandem.identity.derivation import hold
from tandem.identity.organisations import code_of
from tandem.service import Change, Work


async def reconsider_resident(change: Change, work: Work) -> None:
    """Weigh again whoever the record is or was about. Costs nothing for a record that says nothing of residency."""
    rules = definition(COHORT)
    said = statement_of(change.after, rules)
    if said is None and statement_of(change.before, rules) is None:
        return
    reference = f"{change.type}/{change.id}"
    people = sorted(await keep_statement(work.connection, reference, change.patient, said))
    # Two records of one person may be written at once: the second waits here, and then reads what the first one kept.
    await hold(work.connection, people)
    for patient in people:
        await keep_member(work, rules, patient, residency(await statements_about(work.connection, patient)))


async def give_practice_its_group(change: Change, work: Work) -> None:
    """People may be loaded before their practice is known by its code: its Group is made up for when it is."""
    if change.after is None:
        return
    practice = code_of(change.after)
    rules = definition(COHORT)
    waiting = await work.connection.fetchval(
        "SELECT 1 FROM group_member m JOIN patient p ON p.id = m.patient WHERE m.cohort = $1 AND p.practice = $2"
        " LIMIT 1",
        rules.id, practice,
    )  # fmt: skip
    if waiting is not None:
        await ensure_group(work, rules, practice)


async def follow_patient(change: Change, work: Work) -> None:
    """A resident who changes practice needs a Group there; one whose record is deleted is on no list."""
    rules = definition(COHORT)
    current = await work.connection.fetchval(
        "SELECT id FROM group_member WHERE cohort = $1 AND patient = $2 AND until IS NULL", rules.id, change.id
    )
    if current is None:
        return
    if change.action == "delete":
        await keep_member(work, rules, change.id, None)
    elif (practice := await practice_of(work.connection, change.id)) is not None:
        await ensure_group(work, rules, practice)
