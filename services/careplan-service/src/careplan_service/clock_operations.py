"""`CarePlan/$clocks` and `CarePlan/{id}/$clocks`: where the clocks of plans stand, or stood at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from careplan_service.clock_rows import clock_of
from careplan_service.domain.plan_clocks import Clock, State
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.visibility import visible_resource
from tandem.identity.access import visible_of_person
from tandem.identity.periods import bounds

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_MOST = 1000
_STILL = "(c.stopped IS NULL OR c.stopped > {at}) AND (c.closed IS NULL OR c.closed > {at})"
_WHERE = {
    State.RUNNING: f"c.due >= {{at}} AND {_STILL}",
    State.OVERDUE: f"c.due < {{at}} AND {_STILL}",
    State.STOPPED: "c.stopped <= {at}",
    State.CLOSED: "c.closed <= {at} AND (c.stopped IS NULL OR c.stopped > {at})",
}


async def clocks_of_plan(call: OperationCall) -> FhirResponse:
    """Parameters with a `clock` for each clock of the plan. Parameter `as-of`. Raises FhirError 400, 404."""
    assert call.id is not None, "declared on the instance"
    moment = _as_of(call)
    async with call.kernel.database.read() as connection:
        held = await visible_resource(call.kernel, connection, call.request, "CarePlan", call.id)
        if held is None or held.deleted:
            raise FhirError(Kind.NOT_FOUND, "No such resource")
        rows = await connection.fetch(
            "SELECT * FROM plan_clock c WHERE c.plan = $1 AND c.starts <= $2 ORDER BY c.starts, c.kind",
            call.id, to_micros(moment),
        )  # fmt: skip
    return await _answer(call, rows, moment)


async def clocks(call: OperationCall) -> FhirResponse:
    """The same over all plans that the caller may see, at most 1000, the first due first.

    Parameters `state` (running, overdue, stopped or closed), `kind` and `as-of`. Raises FhirError 400.
    """
    moment, kernel = _as_of(call), call.kernel
    params: list[Any] = [to_micros(moment)]
    conditions = ["c.starts <= $1"]
    if (state := _state(call)) is not None:
        conditions.append(_WHERE[state].format(at="$1"))
    if (kind := call.one("kind")) is not None:
        params.append(str(kind))
        conditions.append(f"c.kind = ${len(params)}")
    conditions.append(
        visible_of_person(
            call.request.caller, "c", params, to_micros(kernel.clock.now()), resource_type="CarePlan",
            registered_only=kernel.registered_only(),
        )
    )  # fmt: skip
    async with kernel.database.read() as connection:
        rows = await connection.fetch(
            f"SELECT c.* FROM plan_clock c WHERE {' AND '.join(conditions)} ORDER BY c.due, c.residency, c.kind"
            f" LIMIT {_MOST}",
            *params,
        )
    return await _answer(call, rows, moment)


async def _answer(call: OperationCall, rows: Any, moment: datetime) -> FhirResponse:
    now = to_micros(call.kernel.clock.now())
    patients = {row["patient"] for row in rows}
    await audit_reads(call.kernel.database, call.request, "$clocks", "CarePlan", patients, now)
    parameters = [{"name": "as-of", "valueInstant": to_instant(moment)}, *(_rendered(row, moment) for row in rows)]
    return answer(parameters)


def _rendered(row: Row, moment: datetime) -> dict[str, Any]:
    clock: Clock = clock_of(row)
    state, met = clock.state(moment), clock.met(moment)
    part: list[dict[str, Any]] = [
        {"name": "plan", "valueReference": {"reference": f"CarePlan/{clock.plan}"}},
        {"name": "kind", "valueCode": clock.kind},
        {"name": "policy", "valueString": clock.policy},
        {"name": "starts", "valueInstant": to_instant(clock.starts)},
        {"name": "due", "valueInstant": to_instant(clock.due)},
        {"name": "state", "valueCode": state.value},
    ]
    if state is State.STOPPED and clock.stopped is not None:
        part.append({"name": "stopped", "valueInstant": to_instant(clock.stopped)})
    if met is not None:
        part.append({"name": "met", "valueBoolean": met})
    return {"name": "clock", "part": part}


def _as_of(call: OperationCall) -> datetime:
    """The moment asked about: a date means its beginning in London; nothing means now."""
    text = call.one("as-of")
    if text is None:
        return call.kernel.clock.now()
    try:
        return from_micros(bounds(str(text))[0])
    except (ValueError, OverflowError):
        raise FhirError(Kind.BAD_REQUEST, "as-of is a FHIR date or dateTime") from None


def _state(call: OperationCall) -> State | None:
    text = call.one("state")
    if text is None:
        return None
    try:
        return State(text)
    except ValueError:
        names = ", ".join(state.value for state in State)
        raise FhirError(Kind.BAD_REQUEST, f"state is one of {names}") from None
