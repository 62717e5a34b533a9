"""Following Encounters of cohort-service and CareTeams of careplan-service."""

from __future__ import annotations

from mdt_service.case_management.contact_rows import forget_contact, keep_contact
from mdt_service.case_management.hospital_follow_ups import settle
from mdt_service.case_management.review_chase_timer import plan_chase
from mdt_service.domain.case_management.hospital_contact import contact_of
from tandem.events.event import Event
from tandem.service import Work


async def keep_hospital_contact(event: Event, work: Work) -> None:
    """An Encounter was written or deleted: the contact it tells of now, and what follows from it."""
    former = await work.connection.fetchval(
        "SELECT patient FROM hospital_contact WHERE encounter = $1", event.resource_id
    )
    contact = contact_of(event.data) if event.data is not None and event.granted else None
    if contact is None or event.patient is None:
        await forget_contact(work.connection, str(event.resource_id))
    else:
        await keep_contact(work.connection, contact, event.patient, str(event.author))
        await plan_chase(work, contact)
    for patient in sorted({each for each in (former, event.patient) if each is not None}):
        if former is not None or contact is not None:
            await settle(work, patient)


async def settle_for_team(event: Event, work: Work) -> None:
    """A CareTeam was written: who coordinates may be known only now. Stands after the listener that keeps the roles."""
    if event.patient is not None and event.granted:
        await settle(work, event.patient)
