"""An entry of the directory of support offers is checked, and its rows are kept, in the transaction of its write."""

from __future__ import annotations

from collections.abc import Iterator

from cohort_service.domain.support_offers.support_service import (
    areas_of,
    is_active,
    offers_of,
    provider_of,
    support_service_faults,
)
from cohort_service.support_offers.shipped_catalogue import support_catalogue
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.service import Change, Work


def support_service_is_well_formed(change: Change) -> Iterator[Issue]:
    """A support offer is of the catalogue, names its provider, and has hours that can be read."""
    if change.after is not None:
        yield from support_service_faults(change.after, support_catalogue())


async def keep_support_service(change: Change, work: Work) -> None:
    """Keep the rows of an entry that is offered; one that is withdrawn or no longer offered has none."""
    if offers_of(change.before):
        await work.connection.execute("DELETE FROM support_offer_area WHERE service = $1", change.id)
    await work.connection.executemany(
        "INSERT INTO support_offer_area (service, offer, area, by_provider) VALUES ($1, $2, $3, $4)",
        [(change.id, *each) for each in _entries(change.after)],
    )


def _entries(service: Resource | None) -> list[tuple[str, str, int]]:
    """Offer, area, and whether the area is the provider, because none is named."""
    if service is None or not is_active(service):
        return []
    provider, named = provider_of(service), areas_of(service)
    areas = [(each, 0) for each in named] if named or provider is None else [(provider, 1)]
    return [(offer, *area) for offer in offers_of(service) for area in areas]
