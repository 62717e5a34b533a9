"""The service that a list is kept for, such as SMR, and the lists that are kept for a service."""

from __future__ import annotations

from datetime import datetime

from cohort_service.catalogue.current import current_selection
from tandem.database.connection import Connection
from tandem.london_days import london_date


async def service_of_cohort(connection: Connection, cohort: str, now: datetime) -> str | None:
    """None for a cohort that is not installed."""
    definition = (await current_selection(connection, london_date(now))).definitions.get(cohort)
    return definition.service if definition is not None else None


async def cohorts_of_service(connection: Connection, service: str, now: datetime) -> list[str]:
    """The cohorts of a service, by id; empty for a service that nobody knows."""
    selection = await current_selection(connection, london_date(now))
    return sorted(each.id for each in selection.definitions.values() if each.service == service)
