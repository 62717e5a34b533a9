"""The way to the support of a person: a row of `isolation_operations`. The practice asks the community provider."""

from __future__ import annotations

from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.referrals import referral


async def keep(place: Place, practice: FhirClient) -> None:
    """A request for support."""
    await practice.create(referral(place.here, "support-offer", "community"))
    await practice.caught_up()


async def _support(asking: Asking) -> str:
    return await asking.get(f"ServiceRequest/$support?patient=Patient/{asking.place.here.person}")


OPERATIONS["GET ServiceRequest/$support"] = _support
