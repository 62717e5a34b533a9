"""Carers are offered support when they are recorded, by whomever."""

from __future__ import annotations

from referral_service.domain.offers.carer_signposting import CARERS, NO_LONGER, signposting_id, signposting_offer
from referral_service.domain.offers.offer import withdrawn
from tandem.events.event import Event
from tandem.service import Work


async def offer_signposting(event: Event, work: Work) -> None:
    """Open the offer of a stay on the list of carers, once; not when the person is known to have left it."""
    data = event.data or {}
    if data.get("cohort") != CARERS or event.patient is None:
        return
    residency = str(data["residency"])
    gone = await work.connection.fetchval("SELECT until FROM cohort_member WHERE residency = $1", residency)
    if gone is None and await work.read("ServiceRequest", signposting_id(residency)) is None:
        await work.put(signposting_offer(residency, event.patient, str(data["since"])))


async def withdraw_signposting(event: Event, work: Work) -> None:
    """Take back an offer that nobody answered, when the person is no carer any more."""
    data = event.data or {}
    if data.get("cohort") != CARERS:
        return
    offer = await work.read("ServiceRequest", signposting_id(str(data["residency"])))
    if offer is not None and offer.get("status") == "active":
        await work.put(withdrawn(offer, NO_LONGER))
