"""`Measure/$role-claim`: claims of reimbursement for additional roles, month by month (PCN-096 to PCN-098)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics_service.domain.network_funding.reimbursable_roles import fault_of_claim, roles
from metrics_service.network_funding.fund_rows import Claim, claims_of, keep_claims
from metrics_service.network_funding.parties import asked_year, must_be_network, network_seen
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import day_in, only, today
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer, coded, on_day, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.nhs.financial_year import first_day, last_day

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION = "$role-claim"
_MOST_POSTS = 100


async def role_claim(call: OperationCall) -> FhirResponse:
    """GET answers the claims of a financial year (`year`), and from when each role is reimbursable. POST by the network
    claims: `claim` rows with `role`, `month` (`2019-07`) and `wte`, all or none.

    Raises FhirError 400, 403, 404, 422 with every fault: a role before its month names the month and the paragraph.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, ("network", "claim"))
    rows, now = rows_asked(call, "claim"), to_micros(call.kernel.clock.now())
    claims = [each for row in rows if (each := _claim(call, row)) is not None]
    async with call.kernel.database.transaction() as connection:
        seen = await network_seen(call, connection)
        must_be_network(call, seen)
        refuse_faults(rows)
        await hold(connection, [f"role-claim/{seen.network}"])
        await keep_claims(connection, seen.network, claims, call.request.caller.organisation, now)
        await record(connection, [audit_entry(call.request, _ACTION, now, resource_type="Measure")])
    return answer([text("network", seen.network), *map(_shown, claims)])


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("network", "year"))
    year = asked_year(call)
    async with call.kernel.database.read() as connection:
        seen = await network_seen(call, connection)
        claims = await claims_of(connection, seen.network, first_day(year), last_day(year))
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, _ACTION, "Measure", set(), now)
    known = [
        parts("role", [
            coded("role", each.name), text("title", each.title), on_day("from", each.first),
            text("source", each.source),
        ])
        for each in roles()
    ]  # fmt: skip
    return answer([text("network", seen.network), text("year", year), *known, *map(_shown, claims)])


def _claim(call: OperationCall, row: Part) -> Claim | None:
    role, month, wte = row.text("role"), _month(row), row.number("wte", most=_MOST_POSTS)
    if wte is not None and not wte:
        row.fault("wte", "wte is more than nothing")
    if month is not None and month > today(call):
        row.fault("month", "A month is claimed once it has begun")
    fault = fault_of_claim(role, month) if role is not None and month is not None else None
    if fault is not None:
        row.fault("role", fault)
    if row.issues or role is None or month is None or wte is None:
        return None
    return Claim(role, month, Decimal(str(wte)).quantize(Decimal("0.01")))


def _month(row: Part) -> date | None:
    value = row.one("month", "a month such as 2019-07")
    found = day_in(f"{value}-01") if isinstance(value, str) else None
    if value is not None and found is None:
        row.fault("month", "month is a month such as 2019-07")
    return found


def _shown(claim: Claim) -> dict[str, Any]:
    return parts("claim", [
        coded("role", claim.role), text("month", f"{claim.month:%Y-%m}"), {"name": "wte", "valueDecimal": claim.wte},
    ])  # fmt: skip
