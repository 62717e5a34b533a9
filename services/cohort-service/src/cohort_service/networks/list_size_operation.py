"""`Organization/{id}/$list-size`: how many people are registered, raw and weighted, by day (PCN-072)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks.list_sizes import ListSize, NetworkSize
from cohort_service.networks.list_size_event import say_recorded
from cohort_service.networks.list_size_rows import network_size, newest_size, record_sizes
from cohort_service.networks.organisations import (
    Organisation,
    code_named,
    organisation_with_code,
    organisation_with_id,
    reference_of,
)
from cohort_service.networks.rights import must_read, must_record
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import day_number_or_today, today_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import organisation_named
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import NETWORK, PRACTICE
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def list_size(call: OperationCall) -> FhirResponse:
    """GET answers as of `date`, of a practice or a network; POST records `list-size` parameters, all or none.

    A `list-size` has the parts `date`, `registered`, `weighted` (not required) and, unless it is posted to the practice
    itself, `practice` (Reference). Raises FhirError 400, 403, 404, 422.
    """
    return await (_record(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        about = await organisation_with_id(connection, call.id)
        await must_read(call, connection, about, day)
        if about.kind == PRACTICE:
            held = await newest_size(connection, about.code, day)
            if held is None:
                raise FhirError(Kind.NOT_FOUND, "No list size is recorded for this practice by that day")
            return answer(_of_list(held))
        if about.kind != NETWORK:
            raise FhirError(Kind.UNPROCESSABLE, "Practices and networks have list sizes")
        size, lists = await network_size(connection, about.code, day)
        shown = [{"name": "practice", "part": [_practice(await reference_of(connection, each.practice)),
                                               *_of_list(each)]} for each in lists]  # fmt: skip
        absent = [{"name": "missing", "valueReference": await reference_of(connection, each)} for each in size.missing]
    return answer([*_of_network(size), *shown, *absent])


async def _record(call: OperationCall) -> FhirResponse:
    rows, today, sizes = rows_asked(call, "list-size"), today_number(call), []
    async with call.kernel.database.transaction() as connection:
        addressed = await organisation_with_id(connection, call.id)
        for row in rows:
            day, registered = row.day("date"), row.whole_number("registered")
            weighted = row.number("weighted", required=False)
            if day is not None and day > today:
                row.fault("date", "A list is counted on a day that has been")
            practice = await _whose(connection, addressed, row)
            if practice is not None:
                await must_record(call, connection, practice, today)
                if day is not None and registered is not None:
                    sizes.append(ListSize(practice.code, day, registered, weighted))
        refuse_faults(rows)
        now = call.kernel.clock.now()
        await record_sizes(connection, sizes, call.request.caller.organisation, to_micros(now))
        await say_recorded(work_of(call, connection, now), sizes, call.kernel.ids)
    return answer([{"name": "recorded", "valueInteger": len(sizes)}])


async def _whose(connection: Connection, addressed: Organisation, row: Part) -> Organisation | None:
    """The practice of a row: the one it is posted to, else the one it names."""
    if addressed.kind == PRACTICE and not row.all("practice"):
        return addressed
    value = row.one("practice", "a Reference to the practice")
    named = await code_named(connection, organisation_named(value))
    found = await organisation_with_code(connection, named, PRACTICE)
    if found is None:
        row.fault("practice", "practice is a Reference to an Organization held here of the type practice")
    return found


def _practice(reference: dict[str, Any]) -> dict[str, Any]:
    return {"name": "practice", "valueReference": reference}


def _of_list(size: ListSize) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = [
        {"name": "date", "valueDate": date_of(size.day).isoformat()},
        {"name": "registered", "valueInteger": size.registered},
    ]
    if size.weighted is not None:
        shown.append({"name": "weighted", "valueDecimal": size.weighted})
    return shown


def _of_network(size: NetworkSize) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = [{"name": "registered", "valueInteger": size.registered}]
    if size.weighted is not None:
        shown.append({"name": "weighted", "valueDecimal": size.weighted})
    if size.norm is not None:
        limits = {"low": {"value": size.norm.minimum}, "high": {"value": size.norm.maximum}}
        shown += [{"name": "norm", "valueRange": limits}, {"name": "source", "valueString": size.norm.source}]
    if size.outside_norm is not None:
        shown.append({"name": "outside-norm", "valueBoolean": size.outside_norm})
    return shown
