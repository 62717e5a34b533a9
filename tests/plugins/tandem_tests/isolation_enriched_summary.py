"""The way to a person's enriched summary: a row of `isolation_operations`."""

from __future__ import annotations

from tandem.demo.client import FhirClient
from tandem_tests.consents import summary_consent
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place


async def keep(place: Place, practice: FhirClient) -> None:
    """The person consents to share it with those who treat them; none of the callers says that they do."""
    await practice.create(summary_consent(place.here.person))


async def _enriched_summary(asking: Asking) -> str:
    return await asking.get(f"Composition/$enriched-summary?patient=Patient/{asking.place.here.person}")


OPERATIONS["GET Composition/$enriched-summary"] = _enriched_summary
