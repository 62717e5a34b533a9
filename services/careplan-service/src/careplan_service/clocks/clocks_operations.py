"""`CarePlan/$clocks` and `CarePlan/{id}/$clocks`: where clocks stand, or stood at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from careplan_service.clocks.clock_answer import shown
from careplan_service.clocks.clock_rows import held_clock
from careplan_service.clocks.shipped_policies import kinds
from tandem.clock import to_micros
from tandem.clocks.clock_state import OPEN_STATES, STILL_OPEN
from tandem.clocks.clocks_answer import clocks_answer
from tandem.cohort_membership.queries import members_of
from tandem.database.connection import Row
from tandem.database.places import placed
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.operation_parameters import any_of, moment_or_now, only, page, short_text
from tandem.fhir.request import FhirResponse
from tandem.fhir.visible_people import visible_people
from tandem.london_days import london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_WHERE = {
    **STILL_OPEN,
    "stopped": "(m.settled <= $1 AND m.stopped <= $1)",
    "closed": "(m.settled <= $1 AND m.closed <= $1)",
}
_ENDED = ("stopped", "closed")
_OVERDUE_FIRST = "CASE WHEN m.due < $1 THEN 0 ELSE 1 END, m.first DESC, m.due, m.cause, m.kind"
_LAST_DUE_FIRST = "m.due DESC, m.cause, m.kind"
_PARAMETERS = ("state", "kind", "list", "as-of", "_count", "_offset", *AREA_PARAMETERS)


async def clocks_of_plan(call: OperationCall) -> FhirResponse:
    """Parameters with a `clock` for each clock of the plan. Parameters `kind`, `as-of`. Raises FhirError 400, 404."""
    only(call, ("kind", "as-of"))
    moment = moment_or_now(call, "as-of")
    async with call.kernel.database.read() as connection:
        await asked_resource(call, connection)
        params: list[Any] = [call.id, to_micros(moment)]
        conditions = ["m.plan = $1", "m.starts <= $2", *_of_kinds(call, params)]
        rows = await connection.fetch(
            f"SELECT m.* FROM plan_clock m WHERE {' AND '.join(conditions)} ORDER BY m.starts, m.kind, m.cause", *params
        )
    return await _answer(call, rows, moment, more=False)


async def clocks(call: OperationCall) -> FhirResponse:
    """The clocks of all people whom the caller may see, a page: overdue first, then the first due.

    Parameters `state` (running, due-soon, overdue, stopped, closed; repeated; running and overdue unless given),
    `kind` (repeated), `list` (only people on this list that day), `practice` or `network`, `as-of`, `_count` and
    `_offset`; `more` says that there are further ones. Of those that ended, the last due come first. Raises FhirError
    400.
    """
    only(call, _PARAMETERS)
    moment, (count, offset) = moment_or_now(call, "as-of"), page(call)
    states = any_of(call, "state", _WHERE) or list(OPEN_STATES)
    params: list[Any] = [to_micros(moment)]
    conditions = ["m.starts <= $1", f"({' OR '.join(_WHERE[state] for state in states)})"]
    conditions += _narrowed(call, params, moment)
    conditions += visible_people(call, params, "CarePlan")
    order = _LAST_DUE_FIRST if set(states) & set(_ENDED) else _OVERDUE_FIRST
    async with call.kernel.database.read() as connection:
        rows = await connection.fetch(
            f"SELECT m.* FROM plan_clock m WHERE {' AND '.join(conditions)} ORDER BY {order}"
            f" LIMIT ${len(params) + 1} OFFSET ${len(params) + 2}", *params, count + 1, offset,
        )  # fmt: skip
    return await _answer(call, rows[:count], moment, more=len(rows) > count)


def _narrowed(call: OperationCall, params: list[Any], moment: datetime) -> list[str]:
    conditions = _of_kinds(call, params)
    if (cohort := short_text(call, "list")) is not None:
        on_list = members_of("l", params, cohort, london_date(moment))
        conditions.append(f"EXISTS (SELECT 1 FROM cohort_member l WHERE l.patient = m.patient AND {on_list})")
    return conditions + area_conditions(call, params, to_micros(call.kernel.clock.now()))


def _of_kinds(call: OperationCall, params: list[Any]) -> list[str]:
    asked = any_of(call, "kind", kinds())
    return [f"m.kind IN ({placed(params, asked)})"] if asked else []


async def _answer(call: OperationCall, rows: Sequence[Row], moment: datetime, *, more: bool) -> FhirResponse:
    return await clocks_answer(call, rows, (shown(held_clock(row), moment) for row in rows), moment, more=more)
