"""`ServiceRequest/$clocks` and `ServiceRequest/{id}/$clocks`: where clocks of requests stand, or stood at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from referral_service.clocks.clock_answer import shown
from referral_service.clocks.clock_rows import clock_of
from tandem.clock import to_micros
from tandem.clocks.clock_state import OPEN_STATES, STILL_OPEN
from tandem.clocks.clocks_answer import clocks_answer
from tandem.database.connection import Row
from tandem.database.places import placed
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.operation_parameters import any_of, moment_or_now, names, only, page
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.request import FhirResponse
from tandem.fhir.visible_people import visible_people

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STOPPED: Final = "(m.stopped IS NOT NULL AND m.stopped = m.settled)"
STATES: Final = {
    **STILL_OPEN,
    "breached": "(m.due < $1 AND m.settled > m.due)",
    "stopped": f"(m.settled <= $1 AND {_STOPPED})",
    "closed": f"(m.settled <= $1 AND NOT {_STOPPED})",
}
"""State -> condition on `request_clock m`; $1 is the moment in microseconds."""
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
    states = any_of(call, "state", STATES) or list(OPEN_STATES)
    params: list[Any] = [to_micros(moment)]
    conditions = ["m.starts <= $1", f"({' OR '.join(STATES[state] for state in states)})", *_of_kinds(call, params)]
    still_open = set(states) <= set(STILL_OPEN)
    # Said once for all of them, so that the database begins with the few that are open.
    conditions += ["m.settled > $1"] if still_open else []
    conditions += asked_conditions(call, params) + visible_people(call, params, "ServiceRequest")
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


def _of_kinds(call: OperationCall, params: list[Any]) -> list[str]:
    asked = list(dict.fromkeys(names(call, "kind")))
    return [f"m.kind IN ({placed(params, asked)})"] if asked else []


async def _answer(call: OperationCall, rows: Sequence[Row], moment: datetime, *, more: bool) -> FhirResponse:
    return await clocks_answer(call, rows, (shown(clock_of(row), moment) for row in rows), moment, more=more)
