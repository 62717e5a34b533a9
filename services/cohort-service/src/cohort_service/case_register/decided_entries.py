"""Decisions about people written: the entry, its sources, and the judgement by which it reaches the cohort's list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from cohort_service.case_register.entry_rows import (
    Found,
    NewEntry,
    days_of_status,
    keep_entries,
    keep_sources,
    standing_of,
)
from cohort_service.case_register.identification import DECISION_SYSTEM
from cohort_service.catalogue.current import current_selection
from cohort_service.domain.case_register.entry import Status, status_after
from cohort_service.domain.case_register.sources import ON_REGISTER, REGISTER
from cohort_service.domain.judgement import Judgement
from cohort_service.domain.membership import Ending
from cohort_service.facts.person_rows import person_numbers
from cohort_service.lists.announcements import say_entered, say_left
from cohort_service.lists.evaluation import evaluate_people
from cohort_service.lists.in_force import definition_for
from cohort_service.lists.judgement_rows import judgements_of, keep_judgement
from cohort_service.lists.people import people_held
from tandem.clock import to_micros
from tandem.fhir.outcome import FhirError, Kind
from tandem.ids import deterministic_id
from tandem.london_days import day_number, london_date
from tandem.service import Work


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of one person: add, decline or remove."""

    patient: str
    decision: str
    sources: tuple[str, ...]
    detail: str | None
    reason: str | None
    meeting: str | None


@dataclass(frozen=True, slots=True)
class By:
    """On whose word: a practice (a code), the organisation that says it (a code), and a reference to the author."""

    practice: str
    organisation: str
    author: str


async def write_decisions(work: Work, by: By, decisions: Sequence[Decided]) -> None:
    """Write them all. Raises FhirError 422 for somebody who has died or left, and while no such list is in force."""
    connection, day = work.connection, day_number(london_date(work.now))
    await _must_be_in_force(work, by.practice, london_date(work.now))
    patients = [each.patient for each in decisions]
    numbers = await person_numbers(connection, patients)
    people = await people_held(connection, list(numbers.values()), day)
    if any(person.gone is not None or person.practice != by.practice for person in people):
        raise FhirError(Kind.BUSINESS_RULE, "Somebody has died or is no longer registered, so is on no register")
    standing = await standing_of(connection, by.practice, patients)
    began = await days_of_status(connection, by.practice, patients)
    await keep_entries(connection, by.practice, [
        NewEntry(each.patient, status_after(each.decision), day, each.reason, each.meeting, by.organisation)
        for each in decisions
    ], to_micros(work.now))  # fmt: skip
    await keep_sources(connection, by.practice, [
        Found(each.patient, source, each.detail) for each in decisions for source in each.sources
    ], day, by.organisation, None)  # fmt: skip
    said = await _judge(work, by, decisions)
    await evaluate_people(work, list(numbers.values()))
    await _tell(work, by.practice, standing, began, decisions, said)


async def _judge(work: Work, by: By, decisions: Sequence[Decided]) -> dict[str, int]:
    """Write the judgements: the number of each person's."""
    numbers: dict[str, int] = {}
    earlier = await judgements_of(work.connection, [each.patient for each in decisions])
    for each in decisions:
        status = status_after(each.decision)
        code = {"system": DECISION_SYSTEM, "code": status}
        reason = each.reason or each.detail or _WORDS[status]
        number = 1 + len(earlier.get((REGISTER, each.patient), ()))
        word = Judgement(
            number, "add" if each.decision == "add" else "remove", reason, by.author, by.organisation,
            to_micros(work.now), code,
        )  # fmt: skip
        await keep_judgement(work.connection, REGISTER, each.patient, word)
        numbers[each.patient] = number
    return numbers


async def _tell(
    work: Work, practice: str, before: Mapping[str, Status], began: Mapping[str, int], decisions: Sequence[Decided],
    numbers: Mapping[str, int],
) -> None:  # fmt: skip
    """Say who came onto the register and who was taken off it.

    Other services cannot tell it from the list, which has everybody whom its rule proposes. The numbers of the
    judgements only rise, so they order what is said of a person. `began` is the day of each status before.
    """
    day = day_number(london_date(work.now))
    for each in decisions:
        was, now = before.get(each.patient) == "on-register", status_after(each.decision) == "on-register"
        if was == now:
            continue
        since = day if now else began[each.patient]
        residency = deterministic_id("register-entry", practice, each.patient, str(since))
        if now:
            await say_entered(
                work, cohort=ON_REGISTER, patient=each.patient, residency=residency, revision=numbers[each.patient],
                since=since, definition=_DEFINITION, group=None, evidence=[], origin="judgement",
            )  # fmt: skip
        else:
            await say_left(
                work, cohort=ON_REGISTER, patient=each.patient, residency=residency, revision=numbers[each.patient],
                since=since, end=Ending(day, "judgement", "judgement"), definition=_DEFINITION, evidence=[],
            )  # fmt: skip


_DEFINITION = f"{ON_REGISTER}@1"
_WORDS: Mapping[str, str] = {
    "on-register": "Put on the case register of the practice",
    "declined": "Not put on the case register of the practice",
    "removed": "Taken off the case register of the practice",
}


async def _must_be_in_force(work: Work, practice: str, as_of: date) -> None:
    selection = await current_selection(work.connection, as_of)
    if definition_for(selection, REGISTER, practice, as_of) is None:
        raise FhirError(Kind.BUSINESS_RULE, f"The cohort {REGISTER} is not in force for this practice")
