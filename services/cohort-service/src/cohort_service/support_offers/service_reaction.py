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
    connection = work.connection
    if offers_of(change.before):
        for table in ("support_service", "support_service_offer", "support_service_area"):
            await connection.execute(f"DELETE FROM {table} WHERE service = $1", change.id)
    found = _entry(change.after)
    if found is None:
        return
    provider, offers, areas = found
    await connection.execute(
        "INSERT INTO support_service (service, provider, stated) VALUES ($1, $2, $3)",
        change.id,
        provider,
        int(bool(areas)),
    )
    await connection.executemany(
        "INSERT INTO support_service_offer (service, offer) VALUES ($1, $2)", [(change.id, each) for each in offers]
    )
    await connection.executemany(
        "INSERT INTO support_service_area (service, area) VALUES ($1, $2)", [(change.id, each) for each in areas]
    )


def _entry(service: Resource | None) -> tuple[str, list[str], list[str]] | None:
    if service is None or not is_active(service):
        return None
    offers, provider = offers_of(service), provider_of(service)
    return (provider, offers, areas_of(service)) if offers and provider is not None else None
