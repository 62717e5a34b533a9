"""A case that a meeting found joins the register of the practice, with that meeting as its source (PCPC-019)."""

from __future__ import annotations

from cohort_service.case_register.access import hold_register
from cohort_service.case_register.decided_entries import By, Decided, write_decisions
from cohort_service.case_register.entry_rows import standing_of
from cohort_service.domain.case_register.entry import status_after
from cohort_service.domain.case_register.sources import MEETING
from tandem.events.event import Event
from tandem.service import Work

_ADD = "add"


async def enter_accepted_case(event: Event, work: Work) -> None:
    """Put the person on the register once; whoever is on it, or has left the practice since, stays as they are."""
    told, patient = event.data or {}, event.patient
    practice, meeting = told.get("practice"), told.get("meeting")
    if patient is None or practice is None or meeting is None or event.author is None:
        return
    registered = await work.connection.fetchval("SELECT practice FROM patient WHERE id = $1 AND deleted = 0", patient)
    if registered != practice:
        return
    await hold_register(work.connection, practice)
    standing = await standing_of(work.connection, practice, [patient])
    if standing.get(patient) == status_after(_ADD):
        return
    by = By(practice, event.author, str(told["coordinator"]))
    await write_decisions(work, by, [Decided(patient, _ADD, (MEETING,), None, None, str(meeting))])
