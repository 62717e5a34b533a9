"""`Organization/{id}/$population`: who is registered in a network, and who of them lives in another's area (PCN-064).

A person is counted where they are registered, once. Where they live is, for a care home resident, the network of the
home, else the network whose area the postcode sector of their home address is in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.networks.organisations import is_member, organisation_with_id, reference_of
from cohort_service.networks.population_rows import Counts, Population
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.logical_id import is_logical_id
from tandem.fhir.operation_parameters import day_number_or_today, today_number, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import NETWORK
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_MOST = 1000


async def population(call: OperationCall) -> FhirResponse:
    """Counts as of `date`, and a `cross-boundary` for each person who lives in another network.

    All is of the people whom the caller sees: the network sees all its people, a practice of it its own. `_count` (at
    most 1000) and `after` (the last Patient id) page through them. Raises FhirError 400, 404.
    """
    day, caller = day_number_or_today(call), call.request.caller
    count = min(whole_number(call, "_count", 100), _MOST)
    after = str(call.one("after") or "")
    if after and not is_logical_id(after):
        raise FhirError(Kind.BAD_REQUEST, "after is a Patient id", expression="after")
    kernel, now = call.kernel, to_micros(call.kernel.clock.now())
    async with kernel.database.read() as connection:
        network = await organisation_with_id(connection, call.id)
        if network.kind != NETWORK:
            raise FhirError(Kind.UNPROCESSABLE, "A network has a population")
        own = caller.sees_all or caller.organisation == network.code
        member_on = min(day, today_number(call))
        if not own and not await is_member(connection, network.code, caller.organisation, member_on):
            raise FhirError(Kind.NOT_FOUND, "There is nothing here for this organisation")
        people = Population(network.code, day, caller, now, kernel.registered_only())
        totals = await people.counts(connection)
        rows = await people.cross_boundary(connection, after, count)
        listed = [await _person(connection, row) for row in rows]
    patients = {row["patient"] for row in rows}
    await audit_reads(kernel.database, call.request, "$population", "Organization", patients, now)
    return answer([{"name": "date", "valueDate": date_of(day).isoformat()}, *_totals(totals), *listed])


def _totals(counts: Counts) -> list[dict[str, Any]]:
    return [
        {"name": "registered", "valueInteger": counts.registered},
        {"name": "living-here", "valueInteger": counts.here},
        {"name": "living-elsewhere", "valueInteger": counts.elsewhere},
        {"name": "area-not-known", "valueInteger": counts.registered - counts.here - counts.elsewhere},
    ]


async def _person(connection: Connection, row: Row) -> dict[str, Any]:
    return {"name": "cross-boundary", "part": [
        {"name": "patient", "valueReference": {"reference": f"Patient/{row['patient']}"}},
        {"name": "practice", "valueReference": await reference_of(connection, row["practice"])},
        {"name": "lives-in", "valueReference": await reference_of(connection, row["lives_in"])},
    ]}  # fmt: skip
