"""`GET ServiceRequest/$urgent-board`: who waits for an urgent response, how long still, and how it went lately.

EHCH-064, EHCH-065, EHCH-066. One page to leave open: a breach names who is responsible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from referral_service.clocks.clock_answer import clock_parts
from referral_service.clocks.clock_rows import clock_of
from referral_service.clocks.clocks_operation import STATES, asked_conditions
from referral_service.domain.clocks.request_clock import RequestClock
from referral_service.urgent_response.board_counts import counts, counts_shown, in_area_of
from referral_service.urgent_response.breach_reason_rows import BreachReason, reasons_of
from referral_service.urgent_response.shipped_urgent_policies import clock_kinds
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.database.places import placed
from tandem.directory.queries import organisation_names
from tandem.fhir.area_parameters import AREA_PARAMETERS
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import any_of, moment_or_now, only, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, number, parts, text
from tandem.fhir.request import FhirResponse
from tandem.fhir.visible_people import visible_people
from tandem.identity.organisations import COMMISSIONER
from tandem.identity.reference_rights import kind_of_caller

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_HOURS: Final = 24
_LONGEST: Final = 24 * 366
_HOUR: Final = 3_600_000_000


async def urgent_board(call: OperationCall) -> FhirResponse:
    """`practice` or `network`, `performer` (a code), `kind` (of clock, repeated), `as-of` (else now), `hours` (how long
    responses stay on the board, 24 unless given), `_count` (of each list, 100 unless given).

    Answers the `count` of each state, each `waiting` request with its `remaining-minutes` (below zero when overdue),
    the least first, and each that was `responded` to, the last first. A commissioner gets the counts of its area,
    without small numbers, and nobody. Raises FhirError 400.
    """
    only(call, ("performer", "kind", "as-of", "hours", "_count", *AREA_PARAMETERS))
    moment, hours = moment_or_now(call, "as-of"), whole_number(call, "hours", _HOURS)
    if not 1 <= hours <= _LONGEST:
        raise FhirError(Kind.BAD_REQUEST, f"hours is a whole number from 1 to {_LONGEST}", expression="hours")
    count = min(whole_number(call, "_count", 100), 1000)
    params: list[Any] = [to_micros(moment), to_micros(moment) - hours * _HOUR]
    conditions = ["m.starts <= $1", "m.settled > $2", _of_kinds(call, params)]
    conditions += asked_conditions(call, params, owner="performer")
    now, caller = to_micros(call.kernel.clock.now()), call.request.caller
    waiting, ended = list[RequestClock](), list[RequestClock]()
    async with call.kernel.database.read() as connection:
        figures_only = not caller.sees_all and await kind_of_caller(connection, caller.organisation) == COMMISSIONER
        if figures_only:
            conditions.append(in_area_of(caller.organisation, params, now))
        else:
            conditions += visible_people(call, params, "ServiceRequest")
        where = " AND ".join(conditions)
        counted = await counts(connection, where, params)
        if not figures_only:
            order = "m.due, m.request"
            waiting = await _listed(connection, f"{where} AND m.settled > $1", order, params, count)
            order = "m.settled DESC, m.request"
            ended = await _listed(connection, f"{where} AND {STATES['stopped']}", order, params, count)
        reasons = await reasons_of(connection, {each.clock.request for each in (*waiting, *ended)})
        owners = {each.clock.owner for each in (*waiting, *ended)} - {None}
        names = await organisation_names(connection, sorted(str(each) for each in owners))
    people: set[str | None] = {each.clock.patient for each in (*waiting, *ended)}
    await audit_reads(call.kernel.database, call.request, "$urgent-board", "ServiceRequest", people, now)
    told = [instant("as-of", moment), *counts_shown(counted, exact=not figures_only)]
    told += [_shown("waiting", each, moment, names, reasons) for each in waiting]
    return answer([*told, *(_shown("responded", each, moment, names, reasons) for each in ended)])


async def _listed(
    connection: Connection, where: str, order: str, params: Sequence[Any], count: int
) -> list[RequestClock]:
    rows = await connection.fetch(
        f"SELECT m.* FROM request_clock m WHERE {where} ORDER BY {order} LIMIT ${len(params) + 1}", *params, count
    )
    return [clock_of(row) for row in rows]


def _shown(
    name: str, known: RequestClock, moment: datetime, names: Mapping[str, str], reasons: Mapping[str, BreachReason]
) -> Parameter:
    clock, told = known.clock, clock_parts(known, moment)
    if clock.owner is not None and clock.owner in names:
        told.append(text("performer", names[clock.owner]))
    if name == "waiting":
        told.append(number("remaining-minutes", (clock.due - moment) // timedelta(minutes=1)))
    else:
        assert known.settled is not None, "it was responded to"
        told.append(number("minutes", (known.settled - clock.starts) // timedelta(minutes=1)))
    reason = reasons.get(clock.request)
    if reason is not None and reason.recorded <= moment:
        told.append(coded("breach-reason", reason.reason))
        if reason.note is not None:
            told.append(text("breach-note", reason.note))
    return parts(name, told)


def _of_kinds(call: OperationCall, params: list[Any]) -> str:
    return f"m.kind IN ({placed(params, any_of(call, 'kind', clock_kinds()) or clock_kinds())})"
