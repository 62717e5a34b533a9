"""The ways to a referral and to worklists: rows of `isolation_operations`. The practice asks the community provider."""

from __future__ import annotations

from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.referrals import referral

_KEPT = "referral"


async def keep(place: Place, practice: FhirClient) -> None:
    """The practice refers the person to community nursing."""
    made = await practice.create(referral(place.here, "community-nursing", "community"))
    place.kept[_KEPT] = made["id"]
    await practice.caught_up()


async def _loop(asking: Asking) -> str:
    return await asking.get(f"ServiceRequest/{asking.place.kept[_KEPT]}/$loop")


async def _worklist(asking: Asking) -> str:
    return await asking.get(f"ServiceRequest/$worklist?practice={asking.place.here.codes['practice']}&_count=1000")


async def _redirect(asking: Asking) -> str:
    """To the organisation that is asked already, which nobody may."""
    sent = [("performer", asking.place.here.reference("community")), ("reason", "A rehearsal")]
    return await asking.post(f"ServiceRequest/{asking.place.kept[_KEPT]}/$redirect", *sent)


OPERATIONS["GET ServiceRequest/[id]/$loop"] = _loop
OPERATIONS["GET ServiceRequest/$worklist"] = _worklist
OPERATIONS["POST ServiceRequest/[id]/$redirect"] = _redirect
