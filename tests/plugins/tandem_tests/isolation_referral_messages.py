"""Messages of the booking and referral standard: rows of `isolation_operations`, about a referral of the practice."""

from __future__ import annotations

from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.referral_messages import DOS, headers_of, message, referral_in, send

_REFERRAL = "referral-by-message"


def _target(place: Place) -> dict[str, str]:
    """The service of this place alone: several places are kept in one system."""
    return {"system": DOS, "value": f"90000{place.here.codes['practice'][1:]}"}


async def keep(place: Place, practice: FhirClient) -> None:
    """The practice refers the person, by message, to the provider that has an agreement and a part in her care."""
    here = place.here
    await practice.create({
        "resourceType": "HealthcareService", "active": True, "name": "Community nursing",
        "identifier": [_target(place)], "providedBy": here.reference("practice"),
    })  # fmt: skip
    await practice.caught_up()
    own = here.reference("practice")["identifier"]
    sent = message(here.nhs_number, own, own)
    answer = await send(practice, sent, headers_of(own, _target(place)))
    place.kept[_REFERRAL] = referral_in(answer.json())["id"]


async def _update(asking: Asking) -> str:
    """Everybody in the name of the practice."""
    here = asking.place.here
    sender = here.reference("practice")["identifier"]
    sent = message(here.nhs_number, sender, sender, reason="update", focus=asking.place.kept[_REFERRAL])
    return asking.word(await send(asking.client, sent, headers_of(sender, _target(asking.place))))


async def _leaving(asking: Asking) -> str:
    return await asking.get(f"ServiceRequest/{asking.place.kept[_REFERRAL]}/$referral-message")


OPERATIONS["POST $process-message"] = _update
OPERATIONS["GET ServiceRequest/[id]/$referral-message"] = _leaving
