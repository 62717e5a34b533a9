"""`Organization/{id}/$capacity-assumptions`: the assumptions that hold, and what a network says instead (AC-079)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.capacity.assumption_rows import assumptions_of, keep_own, own_rows
from cohort_service.domain.capacity.assumptions import fault_of_value
from cohort_service.networks.organisations import Organisation, organisation_with_id
from cohort_service.networks.rights import must_read, must_record
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import day_number_or_today, today_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.derivation import hold
from tandem.identity.organisations import NETWORK
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def assumptions(call: OperationCall) -> FhirResponse:
    """GET answers every `figure` (`name`, `value`, `source`) as of `date`, and the `change`s the network made.

    POST records `figure` parameters (`name`, `value`, `from`, `reason`), all or none, as one change. By the network,
    its commissioner or an operator. Raises FhirError 400, 403, 404, 422.
    """
    return await (_record(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        network = await _network(call, connection)
        await must_read(call, connection, network, day)
        held = await assumptions_of(connection, network.code, day)
        rows = await own_rows(connection, network.code)
    shown: list[dict[str, Any]] = [{"name": "version", "valueString": held.version}]
    shown += [
        {"name": "figure", "part": [
            {"name": "name", "valueCode": name}, {"name": "value", "valueDecimal": figure.value},
            {"name": "source", "valueString": figure.source},
        ]}
        for name, figure in sorted(held.figures.items())
    ]  # fmt: skip
    shown += [
        {"name": "change", "part": [
            {"name": "number", "valueInteger": row["number"]}, {"name": "name", "valueCode": row["name"]},
            {"name": "value", "valueDecimal": float(row["value"])},
            {"name": "from", "valueDate": date_of(row["from_day"]).isoformat()},
            {"name": "reason", "valueString": row["reason"]},
            {"name": "organisation", "valueString": row["author"]},
            {"name": "at", "valueInstant": to_instant(from_micros(row["at"]))},
        ]}
        for row in rows
    ]  # fmt: skip
    return answer(shown)


async def _record(call: OperationCall) -> FhirResponse:
    rows, today = rows_asked(call, "figure"), today_number(call)
    said: list[tuple[str | None, float | None, int, str | None]] = []
    async with call.kernel.database.transaction() as connection:
        network = await _network(call, connection)
        await must_record(call, connection, network, today)
        await hold(connection, [f"capacity/{network.code}"])
        known = (await assumptions_of(connection, network.code, today)).figures
        for row in rows:
            name, value, reason = row.text("name"), row.number("value"), row.text("reason")
            first = row.day("from", required=False)
            if name is not None and name not in known:
                row.fault("name", f"There is no such figure; there are: {', '.join(sorted(known))}")
            elif name is not None and value is not None and (fault := fault_of_value(name, value)) is not None:
                row.fault("value", fault)
            if name in {earlier[0] for earlier in said}:
                row.fault("name", "A change has a figure once")
            said.append((name, value, first if first is not None else today, reason))
        refuse_faults(rows)
        complete = [(name, value, first, reason) for name, value, first, reason in said
                    if name is not None and value is not None and reason is not None]  # fmt: skip
        author, now = call.request.caller.organisation, to_micros(call.kernel.clock.now())
        number = await keep_own(connection, network.code, complete, author, now)
    return answer([{"name": "change", "valueInteger": number}])


async def _network(call: OperationCall, connection: Connection) -> Organisation:
    network = await organisation_with_id(connection, call.id)
    if network.kind != NETWORK:
        raise FhirError(Kind.UNPROCESSABLE, "Assumptions about capacity are a network's", expression="network")
    return network
