"""Which lists are among the views of a lead: those of the services the user leads (PCN-054)."""

from __future__ import annotations

from datetime import date

from cohort_service.domain.requirements.leads import is_led
from cohort_service.requirements_catalogue.services_of import services_of
from cohort_service.selection.selection import Selection
from tandem.database.connection import Connection
from tandem.identity.caller import Caller
from tandem.london_days import day_number


async def cohorts_in_view(
    connection: Connection, caller: Caller, selection: Selection, as_of: date
) -> frozenset[str] | None:
    """The cohorts whose lists the caller's user reads and acts on; None when it is not limited to any."""
    led = await services_of(connection, caller, day_number(as_of))
    if led is None:
        return None
    return frozenset(name for name, each in selection.definitions.items() if is_led(each.service, led))


async def is_service_in_view(connection: Connection, caller: Caller, service: str, as_of: date) -> bool:
    """Whether what is made for a service, such as a run's priority list, is among the views of the caller's user."""
    led = await services_of(connection, caller, day_number(as_of))
    return led is None or is_led(service, led)
