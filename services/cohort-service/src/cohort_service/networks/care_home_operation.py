"""`Organization/{id}/$care-homes`: a commissioner's list of care homes, or the homes aligned to a network.

EHCH-003, EHCH-018: who is responsible for each home, what was agreed, and what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks import alignment as rules
from cohort_service.domain.networks.days import period_of
from cohort_service.networks.alignments import HeldAlignment, alignments_of, homes_aligned_to, homes_listed_by
from cohort_service.networks.care_home_record import record_homes
from cohort_service.networks.organisations import organisation_with_id, reference_of
from cohort_service.networks.rights import must_record
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import day_number_or_today, today_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import COMMISSIONER, NETWORK
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def care_homes(call: OperationCall) -> FhirResponse:
    """GET lists the homes as of `date`, with flags; POST to a commissioner records `home` parameters, all or none.

    What a list shows stands in affiliations, so every valid token reads it. `record_homes` tells the parts of a `home`.
    Raises FhirError 400, 403, 404, 409, 422.
    """
    return await (_record(call) if call.request.method == "POST" else _read(call))


async def _record(call: OperationCall) -> FhirResponse:
    async with call.kernel.database.transaction() as connection:
        commissioner = await organisation_with_id(connection, call.id)
        if commissioner.kind != COMMISSIONER:
            raise FhirError(Kind.UNPROCESSABLE, "The list of care homes is a commissioner's")
        await must_record(call, connection, commissioner, today_number(call))
        recorded = await record_homes(call, connection, commissioner)
    return answer([{"name": "recorded", "valueInteger": recorded}])


async def _read(call: OperationCall) -> FhirResponse:
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        about = await organisation_with_id(connection, call.id)
        if about.kind not in (COMMISSIONER, NETWORK):
            raise FhirError(Kind.UNPROCESSABLE, "A commissioner or a network has a list of care homes")
        homes_of = homes_aligned_to if about.kind == NETWORK else homes_listed_by
        homes = await homes_of(connection, about.code, day)
        shown = [{"name": "home", "part": await _home(connection, home, day)} for home in homes]
    return answer([{"name": "date", "valueDate": date_of(day).isoformat()}, *shown])


async def _home(connection: Connection, home: str, day: int) -> list[dict[str, Any]]:
    held = await alignments_of(connection, home)
    current = next((each for each in held if day in each.days), None)
    agreed = current is not None and current.agreed is not None and current.agreed <= day
    known = rules.Alignment(current.network if current else None, current.team if current else None, agreed)
    part: list[dict[str, Any]] = [
        {"name": "organization", "valueReference": await reference_of(connection, home)},
        {"name": "status", "valueCode": rules.status(known, day)},
        *({"name": "flag", "valueCode": flag} for flag in rules.missing(known)),
    ]
    if current is not None:
        part += await _alignment(connection, current)
    earlier = [each for each in held if each is not current]
    return part + [{"name": "history", "part": await _alignment(connection, each)} for each in earlier]


async def _alignment(connection: Connection, held: HeldAlignment) -> list[dict[str, Any]]:
    part: list[dict[str, Any]] = [
        {"name": "network", "valueReference": await reference_of(connection, held.network)},
        {"name": "alignment", "valueReference": {"reference": f"OrganizationAffiliation/{held.id}"}},
        {"name": "period", "valuePeriod": period_of(held.days)},
    ]
    if held.team is not None:
        part.append({"name": "team", "valueReference": {"reference": held.team}})
    if held.agreed is not None:
        part.append({"name": "agreed", "valueDate": date_of(held.agreed).isoformat()})
    return part + [{"name": "responsibility", "valueString": each} for each in held.responsibilities]
