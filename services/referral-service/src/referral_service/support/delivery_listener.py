"""What Tasks say of regular support: each of its own delivery, and the one of the referral of the whole arrangement."""

from __future__ import annotations

from referral_service.domain.loop_state import GIVEN_UP
from referral_service.domain.referral_loop import words_of
from referral_service.support.delivery_rows import note_delivery, request_of_delivery
from referral_service.support.regular_support import follow_deliveries
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.fhir.literal_reference import target_id
from tandem.fhir.store import hold
from tandem.service import Work


async def follow_delivery(event: Event, work: Work) -> None:
    """Stands behind the loop, whose row it reads. Versions may come in any order: the newest counts."""
    assert event.resource_id is not None, "an event of a resource"
    request = await request_of_delivery(work.connection, event.resource_id)
    if request is not None:
        status = str((event.data or {}).get("status") or "deleted")
        reason = words_of((event.data or {}).get("statusReason"))
        await note_delivery(
            work.connection, event.resource_id, status, event.version or 1, to_micros(event.time), reason
        )
        return
    asked = target_id((event.data or {}).get("focus"), "ServiceRequest")
    if asked is not None and event.granted and str((event.data or {}).get("status")) in GIVEN_UP | {"completed"}:
        await hold(work.connection, [("ServiceRequest", asked)])
        await follow_deliveries(work, asked)
