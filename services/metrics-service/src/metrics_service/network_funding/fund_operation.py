"""`Measure/$network-fund`: the one designated fund of a network, and what every stream pays into it (PCN-074)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics_service.domain.network_funding.entitlements import stream_names
from metrics_service.network_funding.fund_rows import Fund, Payment, fund_of, keep_fund, keep_payments, payments_of
from metrics_service.network_funding.parties import NetworkSeen, must_be_network, must_commission, network_seen
from metrics_service.scheme.money_parameters import amount_in, money
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import only, required_short_text, today
from tandem.fhir.organisation_parameter import resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer, coded, on_day, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.identity.organisation_reference import reference_to
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION = "$network-fund"


async def network_fund(call: OperationCall) -> FhirResponse:
    """GET answers the fund, its payments and their total by stream. POST by the network designates it: `fund` (its
    name) and `holder`. POST by the commissioner pays into it: `payment` rows with `stream`, `amount`, `paid`.

    Raises FhirError 400, 403, 404, 409 for a second fund and for a payment before there is one, 422.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, ("network", "fund", "holder", "payment"))
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        seen = await network_seen(call, connection)
        await hold(connection, [f"network-fund/{seen.network}"])
        designating = call.one("fund") is not None
        await (_designate(call, connection, seen, now) if designating else _pay(call, connection, seen, now))
        shown = await _shown(connection, seen.network)
        await record(connection, [audit_entry(call.request, _ACTION, now, resource_type="Measure")])
    return answer(shown)


async def _designate(call: OperationCall, connection: Connection, seen: NetworkSeen, now: int) -> None:
    must_be_network(call, seen)
    name = required_short_text(call, "fund")
    holder = await resolved(connection, call.one("holder"), "holder")
    if await fund_of(connection, seen.network) is not None:
        raise FhirError(
            Kind.CONFLICT, "A network has a single designated fund, and this one has it (004 §8)", expression="fund"
        )
    by = call.request.caller.organisation
    await keep_fund(connection, seen.network, Fund(name, holder, today(call)), by, now)


async def _pay(call: OperationCall, connection: Connection, seen: NetworkSeen, now: int) -> None:
    must_commission(call, seen)
    rows = rows_asked(call, "payment")
    payments = [each for row in rows if (each := _payment(call, row)) is not None]
    refuse_faults(rows)
    if await fund_of(connection, seen.network) is None:
        raise FhirError(Kind.CONFLICT, "The network has not designated its fund yet (004 §8)", expression="payment")
    await keep_payments(connection, seen.network, payments, call.request.caller.organisation, now)


def _payment(call: OperationCall, row: Part) -> Payment | None:
    stream, amount, paid = row.text("stream"), amount_in(row, "amount"), row.day("paid")
    if stream is not None and stream not in stream_names():
        row.fault("stream", f"stream is one of {', '.join(stream_names())}")
    if paid is not None and date_of(paid) > today(call):
        row.fault("paid", "A payment is recorded once it was made")
    return Payment(stream, amount, date_of(paid)) if stream is not None and amount and paid is not None else None


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("network",))
    async with call.kernel.database.read() as connection:
        seen = await network_seen(call, connection)
        shown = await _shown(connection, seen.network)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, _ACTION, "Measure", set(), now)
    return answer(shown)


async def _shown(connection: Connection, network: str) -> list[dict[str, Any]]:
    fund, payments = await fund_of(connection, network), await payments_of(connection, network)
    shown: list[dict[str, Any]] = [text("network", network)]
    if fund is not None:
        holder = {"name": "holder", "valueReference": await reference_to(connection, fund.holder)}
        shown.append(parts("fund", [text("name", fund.name), holder, on_day("designated", fund.designated)]))
    shown += [
        parts("payment", [coded("stream", each.stream), money("amount", each.amount), on_day("paid", each.paid)])
        for each in payments
    ]
    totals = {name: sum((each.amount for each in payments if each.stream == name), Decimal("0.00"))
              for name in stream_names()}  # fmt: skip
    shown += [parts("total", [coded("stream", name), money("amount", each)]) for name, each in totals.items() if each]
    return [*shown, money("credited", sum(totals.values(), Decimal("0.00")))]
