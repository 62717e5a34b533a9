"""`ServiceRequest/$worklist`: every referral that is not closed, by where it stands: none is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from referral_service.domain.loop_state import WORKLISTS
from referral_service.loops.loop_answer import standing_parts
from referral_service.loops.worklist_query import PARAMETERS, WorklistQuery
from tandem.clock import to_micros
from tandem.database.own_plan import planned_anew
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import moment_or_now, one_of, only, page
from tandem.fhir.parameters_answer import answer as parameters
from tandem.fhir.parameters_answer import coded, instant, number, parts, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def worklist(call: OperationCall) -> FhirResponse:
    """Parameters `as-of`, `total` and a `count` for each state, and a page of `referral`, the first sent first.

    Parameters `practice` or `network` (of the person), `requester`, `performer` (organisations; without any of these
    four the people of the caller's practice or network, or what the caller is asked to do), `state` and `kind` (both
    repeated), `as-of` (the moment by which something is late; else referrals are shown as they stand), `_count`,
    `after` (what `next` of the page before said), `_total=none` (leaves the counts out). Only people whose referrals
    the caller may see. Raises FhirError 400.
    """
    only(call, (*PARAMETERS, "state", "kind", "as-of", "_count", "_total", "after"))
    moment, (count, _) = moment_or_now(call, "as-of"), page(call)
    counts = one_of(call, "_total", ("accurate", "none"), "accurate") == "accurate"
    query = WorklistQuery(call, to_micros(moment))
    async with call.kernel.database.read() as connection:
        await query.prepare(connection)
        many: dict[str, int] = {}
        if counts:
            sql, params = query.counted()
            # A plan kept for every organisation is many times slower for one that has few of many referrals.
            async with planned_anew(connection):
                many = {row["state"]: row["many"] for row in await connection.fetch(sql, *params)}
        rows = await query.rows(connection, count)
    shown = rows[:count]
    patients: set[str | None] = {row["patient"] for row in shown}
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$worklist", "ServiceRequest", patients, now)
    wanted = query.states or WORKLISTS
    found = [instant("as-of", moment)]
    if counts:
        found.append(number("total", sum(many.get(state, 0) for state in wanted)))
        found += [
            parts("count", [coded("state", state), number("referrals", many.get(state, 0))]) for state in WORKLISTS
        ]
    found += [parts("referral", standing_parts(row, row["state"])) for row in shown]
    if len(rows) > count and shown:
        found.append(text("next", f"{shown[-1]['opened']}-{shown[-1]['request']}"))
    return parameters(found)
