"""What became of a letter is learnt from its Communication, which mdt-service keeps or a practice wrote itself."""

from __future__ import annotations

from cohort_service.domain.invitations.progress import Step
from cohort_service.domain.invitations.written_invitation import WrittenInvitation, written_invitation
from cohort_service.invitations.service_of_list import service_of_cohort
from cohort_service.invitations.step_rows import Author, hold_offers, keep_step, next_number, settle, steps_of
from tandem.clock import from_micros, to_micros
from tandem.events.event import Event
from tandem.identity.periods import bounds
from tandem.london_days import day_of
from tandem.service import Work


async def follow_letter(event: Event, work: Work) -> None:
    """Keep the step that this version of a Communication is; only from who had access to the person."""
    connection, communication = work.connection, str(event.resource_id)
    held = await connection.fetchrow(
        "SELECT service, patient, kind, number, day FROM offer_step WHERE communication = $1", communication
    )
    said = written_invitation(event.data) if event.granted else None
    if held is not None:
        await hold_offers(connection, held["patient"])
    if said is None or event.patient is None:
        # deleted, or no invitation any more
        if held is not None:
            await connection.execute(
                "UPDATE offer_step SET kind = 'withdrawn' WHERE communication = $1", communication
            )
            await settle(connection, held["service"], held["patient"])
        return
    cohort = await connection.fetchval("SELECT cohort FROM cohort_group WHERE id = $1", said.group)
    service = await service_of_cohort(connection, cohort, work.now) if cohort is not None else None
    if service is None:
        return
    await hold_offers(connection, event.patient)
    if held is None or (said.kind == "invited" and held["kind"] != "invited"):
        number = next_number(await steps_of(connection, service, event.patient))
    else:
        number = held["number"]
    day = _day(said, held["day"] if held is not None else day_of(event.time))
    step, author = Step(communication, said.kind, day, number, communication), event.author or event.source
    await keep_step(connection, service, event.patient, step, Author(author, author), to_micros(event.time))
    if held is not None and (held["service"], held["patient"]) != (service, event.patient):
        await settle(connection, held["service"], held["patient"])


def _day(said: WrittenInvitation, otherwise: int) -> int:
    return day_of(from_micros(bounds(said.sent)[0])) if said.sent is not None else otherwise
