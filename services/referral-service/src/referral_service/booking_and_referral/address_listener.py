"""Which HealthcareService is addressed by which identifier, as its owner tells."""

from __future__ import annotations

from referral_service.booking_and_referral.targets import addressed
from tandem.events.event import Event
from tandem.identity.organisations import reference_code
from tandem.service import Work


async def keep_addresses(event: Event, work: Work) -> None:
    """Keep the identifiers of a service with the organisation that provides it; of one that is gone, none."""
    await work.connection.execute("DELETE FROM message_address WHERE service = $1", event.resource_id)
    service = event.data or {}
    provider = service.get("providedBy")
    organisation = reference_code(provider) if isinstance(provider, dict) else None
    if organisation is None or service.get("active") is False:
        return
    for each in service.get("identifier") or ():
        if each.get("system") and each.get("value"):
            await work.connection.execute(
                "INSERT INTO message_address (service, system, value, organisation) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT DO NOTHING",
                event.resource_id, *addressed(each["system"], each["value"]), organisation,
            )  # fmt: skip
