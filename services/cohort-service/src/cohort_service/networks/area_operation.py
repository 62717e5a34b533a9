"""`Organization/{id}/$areas`: which postcode sectors are whose, as the commissioner lays down (PCN-064)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.domain.networks.postcode import is_sector
from cohort_service.networks.organisations import (
    Organisation,
    code_named,
    commissions,
    organisation_with_code,
    organisation_with_id,
    reference_of,
)
from cohort_service.networks.rights import must_record
from cohort_service.networks.sector_rows import record_sectors, sectors_of
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import day_number_or_today, today_number
from tandem.fhir.organisation_parameter import organisation_named
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import COMMISSIONER, NETWORK
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def areas(call: OperationCall) -> FhirResponse:
    """GET on a commissioner lists its sectors as of `date`; POST records `sector` parameters, all or none.

    Parts: `sector` (`LS1 4`), `network` (Reference), `from` (date): the network's area from that day on.
    Raises FhirError 400, 403, 404, 409 for a sector that another commissioner holds, 422.
    """
    return await (_record(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        commissioner = await _commissioner(connection, call.id)
        rows = await sectors_of(connection, commissioner.code, day)
        return answer([
            {"name": "sector", "part": [
                {"name": "sector", "valueString": row["sector"]},
                {"name": "network", "valueReference": await reference_of(connection, row["network"])},
                {"name": "from", "valueDate": date_of(row["first_day"]).isoformat()},
            ]}
            for row in rows
        ])  # fmt: skip


async def _record(call: OperationCall) -> FhirResponse:
    rows, today = rows_asked(call, "sector"), today_number(call)
    async with call.kernel.database.transaction() as connection:
        commissioner = await _commissioner(connection, call.id)
        await must_record(call, connection, commissioner, today)
        networks: dict[str, str | None] = {}
        read = [await _row(connection, commissioner, row, today, networks) for row in rows]
        refuse_faults(rows)
        await record_sectors(connection, read, commissioner.code)
    return answer([{"name": "recorded", "valueInteger": len(rows)}])


async def _row(
    connection: Connection, commissioner: Organisation, row: Part, today: int, networks: dict[str, str | None]
) -> tuple[str | None, str | None, int | None]:
    sector, first, value = row.text("sector"), row.day("from"), row.one("network", "a Reference to a network")
    if sector is not None and not is_sector(sector):
        row.fault("sector", "sector is a postcode sector such as LS1 4")
    named = organisation_named(value)
    if named is not None and named not in networks:
        networks[named] = await _network(connection, commissioner, named, today)
    code = networks.get(named) if named is not None else None
    if value is not None and code is None:
        row.fault("network", "network is a Reference to a network of the commissioner's area")
    return sector, code, first


async def _network(connection: Connection, commissioner: Organisation, named: str, today: int) -> str | None:
    code = await code_named(connection, named)
    network = await organisation_with_code(connection, code, NETWORK)
    if network is None or not await commissions(connection, commissioner.code, network, today):
        return None
    return network.code


async def _commissioner(connection: Connection, organization_id: str | None) -> Organisation:
    found = await organisation_with_id(connection, organization_id)
    if found.kind != COMMISSIONER:
        raise FhirError(Kind.UNPROCESSABLE, "Areas are laid down by a commissioner")
    return found
