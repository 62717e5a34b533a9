"""`ServiceRequest/$safety-nets`: who has fallen through, per practice and network; every net in exactly one state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from referral_service.domain.safety_nets.codes import NET_KINDS
from referral_service.domain.safety_nets.fact import known_at
from referral_service.domain.safety_nets.safety_net_transitions import CLOSED, NOT_ATTENDED, STATES
from referral_service.safety_nets.fact_rows import facts_by_net, terms_by_request
from referral_service.safety_nets.net_answer import Wanted, net_parts
from referral_service.safety_nets.net_operation import wanted_of
from referral_service.safety_nets.seen_net import GRACE
from referral_service.safety_nets.span_rows import span_in
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.database.places import placed
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import any_of, moment_or_now, only, page
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, number, parts, yes
from tandem.fhir.request import FhirResponse
from tandem.fhir.visible_people import visible_people

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LATE: Final = f"(m.open = 1 AND (m.due < $1 OR m.state = '{NOT_ATTENDED}'))"
_WHERE: Final = {"open": "m.open = 1", "overdue": _LATE, CLOSED: "m.open = 0"} | {
    state: f"(m.open = 1 AND m.state = '{state}')" for state in STATES if state != CLOSED
}
_PARAMETERS: Final = ("state", "kind", "as-of", "_count", "_offset", *AREA_PARAMETERS)


async def safety_nets(call: OperationCall) -> FhirResponse:
    """A page of nets that the caller may see, the first due first, each with the same steps, next date and owner, and
    where it differs from the network's protocol; before them how many there are of each state.

    Parameters `state` (open, overdue, closed, or one of the states; repeated; open unless given), `kind` (repeated),
    `practice` or `network`, `as-of`, `_count` and `_offset`; `more` says that there are further ones. Raises FhirError
    400.
    """
    only(call, _PARAMETERS)
    moment, (count, offset) = moment_or_now(call, "as-of"), page(call)
    states, kinds = any_of(call, "state", _WHERE) or ["open"], any_of(call, "kind", NET_KINDS)
    params: list[Any] = [to_micros(moment), to_micros(moment + GRACE)]
    conditions = ["m.since <= $2", "m.until > $2", *([f"m.kind IN ({placed(params, kinds)})"] if kinds else [])]
    now = to_micros(call.kernel.clock.now())
    conditions += area_conditions(call, params, now) + visible_people(call, params, "ServiceRequest")
    everywhere = " AND ".join(conditions)
    wanted = " OR ".join(_WHERE[state] for state in states)
    async with call.kernel.database.read() as connection:
        counts = await connection.fetch(
            f"SELECT m.state, COUNT(*) AS nets, SUM(CASE WHEN {_LATE} THEN 1 ELSE 0 END) AS late"
            f" FROM safety_net_span m WHERE m.open = 1 AND {everywhere} GROUP BY m.state ORDER BY m.state", *params,
        )  # fmt: skip
        rows = await connection.fetch(
            f"SELECT m.*, m.due < $1 AS late, (SELECT p.practice FROM patient p WHERE p.id = m.patient) AS practice"
            f" FROM safety_net_span m WHERE ({wanted}) AND {everywhere} ORDER BY m.open DESC, m.due, m.request"
            f" LIMIT ${len(params) + 1} OFFSET ${len(params) + 2}", *params, count + 1, offset,
        )  # fmt: skip
        told = await _nets(connection, rows[:count], moment)
    patients: set[str | None] = {row["patient"] for row in rows[:count]}
    await audit_reads(call.kernel.database, call.request, "$safety-nets", "ServiceRequest", patients, now)
    return answer([
        instant("as-of", moment), *map(_count, counts), *told, *([yes("more", True)] if len(rows) > count else []),
    ])  # fmt: skip


async def _nets(connection: Connection, rows: Sequence[Row], moment: datetime) -> list[Parameter]:
    terms = await terms_by_request(connection, {row["request"] for row in rows})
    facts = await facts_by_net(connection, list(terms.values()))
    authors = await _authors(connection, rows)
    wanted: dict[str | None, Wanted] = {
        practice: await wanted_of(connection, practice, moment) for practice in {row["practice"] for row in rows}
    }
    return [
        parts("net", net_parts(
            terms[row["request"]], known_at(facts[row["request"]], moment + GRACE), span_in(row),
            row["practice"] or authors[row["request"]], wanted[row["practice"]], moment,
        ))
        for row in rows
    ]  # fmt: skip


async def _authors(connection: Connection, rows: Sequence[Row]) -> dict[str, str]:
    """Who wrote the requests of people without a practice: they own the nets."""
    orphans = [row["request"] for row in rows if row["practice"] is None]
    return {
        each: str(await connection.fetchval("SELECT author FROM safety_net WHERE request = $1", each))
        for each in orphans
    }


def _count(row: Row) -> Parameter:
    return parts("count", [coded("state", row["state"]), number("nets", row["nets"]), number("overdue", row["late"])])
