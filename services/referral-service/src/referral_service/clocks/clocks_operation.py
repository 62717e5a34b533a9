"""`ServiceRequest/$clocks` and `ServiceRequest/{id}/$clocks`: where clocks of requests stand, or stood at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from referral_service.clocks.clock_answer import shown
from referral_service.clocks.clock_rows import clock_of
from tandem.clock import to_micros
from tandem.database.connection import Row
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import moment_or_now, names, only, page, texts
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, instant, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible_of_person

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STOPPED: Final = "(m.stopped IS NOT NULL AND m.stopped = m.settled)"
STATES: Final = {
    "running": "(m.due >= $1 AND m.settled > $1)",
    "due-soon": "(m.due >= $1 AND m.settled > $1 AND m.warn <= $1)",
    "overdue": "(m.due < $1 AND m.settled > $1)",
    "breached": "(m.due < $1 AND m.settled > m.due)",
    "stopped": f"(m.settled <= $1 AND {_STOPPED})",
    "closed": f"(m.settled <= $1 AND NOT {_STOPPED})",
}
"""State -> condition on `request_clock m`; $1 is the moment in microseconds."""
_OPEN: Final = ("running", "overdue")
_FIRST_DUE: Final = "m.due, m.request, m.kind"
_LAST_DUE: Final = "m.due DESC, m.request, m.kind"


async def clocks_of_request(call: OperationCall) -> FhirResponse:
    """Parameters with a `clock` for each clock of the request, at `as-of`, of a `kind`. Raises FhirError 400, 404."""
    only(call, ("kind", "as-of"))
    moment = moment_or_now(call, "as-of")
    async with call.kernel.database.read() as connection:
        await asked_resource(call, connection)
        params: list[Any] = [call.id, to_micros(moment)]
        conditions = ["m.request = $1", "m.starts <= $2", *_of_kinds(call, params)]
        rows = await connection.fetch(
            f"SELECT m.* FROM request_clock m WHERE {' AND '.join(conditions)} ORDER BY m.starts, m.kind", *params
        )
    return await _answer(call, rows, moment, more=False)


async def clocks(call: OperationCall) -> FhirResponse:
    """The clocks of all people whose referrals the caller may see, a page, the first due first.

    Parameters `state` (running, due-soon, overdue, breached, stopped, closed; repeated; running and overdue unless
    given; breached are those that fell due before they ended, also if they have ended since), `kind` (repeated),
    `owner` (a code), `practice` or `network`, `as-of`, `_count` and `_offset`; `more` says that there are further ones.
    With a state that is over, what was due last comes first. Raises FhirError 400.
    """
    only(call, ("state", "kind", "owner", "as-of", "_count", "_offset", *AREA_PARAMETERS))
    moment, (count, offset) = moment_or_now(call, "as-of"), page(call)
    states = _states(call)
    params: list[Any] = [to_micros(moment)]
    conditions = ["m.starts <= $1", f"({' OR '.join(STATES[state] for state in states)})", *_of_kinds(call, params)]
    still_open = set(states) <= {*_OPEN, "due-soon"}
    # Said once for all of them, so that the database begins with the few that are open.
    conditions += ["m.settled > $1"] if still_open else []
    conditions += asked_conditions(call, params) + visible_conditions(call, params)
    order = _FIRST_DUE if still_open else _LAST_DUE
    async with call.kernel.database.read() as connection:
        rows = await connection.fetch(
            f"SELECT m.* FROM request_clock m WHERE {' AND '.join(conditions)} ORDER BY {order}"
            f" LIMIT ${len(params) + 1} OFFSET ${len(params) + 2}", *params, count + 1, offset,
        )  # fmt: skip
    return await _answer(call, rows[:count], moment, more=len(rows) > count)


def asked_conditions(call: OperationCall, params: list[Any], *, owner: str = "owner") -> list[str]:
    """What `practice`, `network` and the parameter that names the owner ask for, as conditions on `request_clock m`."""
    conditions = area_conditions(call, params, to_micros(call.kernel.clock.now()))
    if (code := code_parameter(call, owner)) is not None:
        params.append(code)
        conditions.append(f"m.owner = ${len(params)}")
    return conditions


def visible_conditions(call: OperationCall, params: list[Any]) -> list[str]:
    """The conditions on `request_clock m` of what the caller may see."""
    now, kernel, caller = to_micros(call.kernel.clock.now()), call.kernel, call.request.caller
    conditions = [
        visible_of_person(
            caller, "m", params, now, resource_type="ServiceRequest", registered_only=kernel.registered_only()
        )
    ]
    if not caller.sees_all and kernel.database.dialect == "sqlite":
        # Says again what visibility says, so that SQLite begins with the organisation's people and not with all clocks.
        params.append(caller.organisation)
        conditions.append(f"m.patient IN (SELECT o.patient FROM access o WHERE o.organisation = ${len(params)})")
    return conditions


def _states(call: OperationCall) -> list[str]:
    asked = list(dict.fromkeys(texts(call, "state")))
    if not set(STATES).issuperset(asked):
        raise FhirError(Kind.BAD_REQUEST, f"state is one of {', '.join(STATES)}", expression="state")
    return asked or list(_OPEN)


def _of_kinds(call: OperationCall, params: list[Any]) -> list[str]:
    asked = list(dict.fromkeys(names(call, "kind")))
    params += asked
    named = ", ".join(f"${place}" for place in range(len(params) - len(asked) + 1, len(params) + 1))
    return [f"m.kind IN ({named})"] if asked else []


async def _answer(call: OperationCall, rows: Sequence[Row], moment: datetime, *, more: bool) -> FhirResponse:
    now = to_micros(call.kernel.clock.now())
    patients: set[str | None] = {row["patient"] for row in rows}
    await audit_reads(call.kernel.database, call.request, "$clocks", "ServiceRequest", patients, now)
    return answer([
        instant("as-of", moment), *(shown(clock_of(row), moment) for row in rows),
        *([yes("more", True)] if more else []),
    ])  # fmt: skip
