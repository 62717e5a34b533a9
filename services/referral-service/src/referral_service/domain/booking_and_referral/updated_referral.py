"""A referral that is held, after its sender updated or cancelled it."""

from __future__ import annotations

from referral_service.domain.booking_and_referral.message import Message
from tandem.fhir.body import Resource

_UPDATED = (
    "priority", "occurrencePeriod", "occurrenceDateTime", "reasonCode", "note", "patientInstruction", "locationCode",
    "quantityQuantity", "asNeededBoolean", "orderDetail", "bodySite",
)  # fmt: skip
"""What an update may change: nothing that says who asks whom for what, about whom."""


def updated_referral(held: Resource, message: Message) -> Resource:
    """The next version. A cancellation takes over the status and the notes that say why, and nothing else."""
    request = message.request
    if message.cancels:
        notes = [each for each in request.get("note") or () if each not in (held.get("note") or ())]
        kept = [*(held.get("note") or ()), *notes]
        return {**held, "status": request["status"], **({"note": kept} if kept else {})}
    given = {name: request[name] for name in _UPDATED if name in request}
    return {**held, **given, "status": request["status"]}
