"""Keeping birth date and gender in step with cohort-service's Patients."""

from __future__ import annotations

from referral_service.suspected_cancer.person_rows import forget_person, keep_person
from tandem.events.event import Event
from tandem.service import Work


async def follow_person(event: Event, work: Work) -> None:
    """A Patient was written."""
    if event.data is None:
        await forget_person(work.connection, str(event.resource_id))
    else:
        await keep_person(work.connection, event.data)
