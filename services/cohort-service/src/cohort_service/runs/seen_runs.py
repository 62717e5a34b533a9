"""One run, as far as the caller may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.requirements_catalogue.views_of_leads import is_service_in_view
from cohort_service.runs.run_counts import Counts
from cohort_service.runs.run_rows import Run, counts_of, find_run
from cohort_service.runs.scope import practices_seen, sees_figures_only
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import short_text
from tandem.fhir.outcome import FhirError, Kind
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NO_RUN = "There is no such run that you may see"


async def seen_run(
    call: OperationCall, connection: Connection, *, people: bool = False
) -> tuple[Run, Counts, tuple[str, ...] | None]:
    """The run of parameter `run`, its counts and practices as far as the caller may see them (None is all).

    With `people` it is asked for persons, which a commissioner never sees. A run for a service that others lead is
    none of a service lead's (PCN-054). Raises FhirError 400, 403, 404.
    """
    identity = short_text(call, "run")
    if identity is None:
        raise FhirError(Kind.BAD_REQUEST, "Give the run", expression="run")
    caller, now = call.request.caller, to_micros(call.kernel.clock.now())
    run, practices = await find_run(connection, identity), await practices_seen(connection, caller, now)
    counts = await counts_of(connection, identity, practices) if run is not None else {}
    if run is None or (practices is not None and not counts):
        raise FhirError(Kind.NOT_FOUND, _NO_RUN)
    day = london_date(call.kernel.clock.now())
    if run.service is not None and not await is_service_in_view(connection, caller, run.service, day):
        raise FhirError(Kind.NOT_FOUND, _NO_RUN)
    if await sees_figures_only(connection, caller):
        if run.dry_run:
            raise FhirError(Kind.NOT_FOUND, _NO_RUN)
        if people:
            raise FhirError(Kind.FORBIDDEN, "A commissioner sees the figures of its area, and no person")
    return run, counts, practices
