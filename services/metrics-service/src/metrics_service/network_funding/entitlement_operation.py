"""`Measure/$network-entitlements`: every stream of a network's funding and how its claim stands (PCN-062)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics_service.domain.network_funding.entitlements import Size, Stream, amount, core_and_director, streams
from metrics_service.network_funding.fund_rows import Claim, Payment, claims_of, payments_of, registered_with
from metrics_service.network_funding.parties import asked_year, network_seen
from metrics_service.scheme.money_parameters import money
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, today
from tandem.fhir.parameters_answer import answer, coded, number, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.nhs.financial_year import first_day, last_day

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def network_entitlements(call: OperationCall) -> FhirResponse:
    """The `stream`s of a financial year (`year`) with amount, basis, conditions, claim status and source, and what core
    payment and Clinical Director come to together. An amount that the documents bound from below alone is a Quantity
    with the comparator `>`. Raises FhirError 400, 404, 422."""
    only(call, ("network", "year"))
    year = asked_year(call)
    first, last = first_day(year), last_day(year)
    async with call.kernel.database.read() as connection:
        seen = await network_seen(call, connection)
        registered = await registered_with(connection, seen.practices, min(last, max(today(call), first)))
        size = Size(len(seen.practices), registered)
        paid = [each for each in await payments_of(connection, seen.network) if first <= each.paid <= last]
        claims = await claims_of(connection, seen.network, first, last)
    await audit_reads(
        call.kernel.database, call.request, "$network-entitlements", "Measure", set(),
        to_micros(call.kernel.clock.now()),
    )  # fmt: skip
    shown = [text("network", seen.network), text("year", year), number("practices", size.practices)]
    shown.append(number("registered", registered) if registered is not None else coded("state", "list-size-missing"))
    shown += [parts("stream", _stream(each, size, paid, claims)) for each in streams(year)]
    combined = core_and_director(year, size)
    if combined is not None:
        shown.append(parts("core-and-clinical-director", [_over(combined), text("source", "000 §1.14")]))
    return answer(shown)


def _stream(stream: Stream, size: Size, paid: Sequence[Payment], claims: Sequence[Claim]) -> list[dict[str, Any]]:
    shown = [coded("name", stream.name), text("title", stream.title), text("basis", stream.basis)]
    comes_to = amount(stream, size)
    if stream.rate is not None:
        shown += [money("rate", stream.rate), yes("indicative", stream.indicative)]
    if comes_to is not None:
        shown.append(_over(comes_to) if stream.more_than else money("amount", comes_to))
    if stream.full_time is not None:
        shown.append({"name": "fullTimeEquivalent", "valueDecimal": stream.full_time})
    received = sum((each.amount for each in paid if each.stream == stream.name), Decimal("0.00"))
    shown += [money("paid", received), coded("claimStatus", _status(stream, received, claims))]
    return [*shown, text("conditions", stream.conditions), text("source", stream.source)]


def _status(stream: Stream, received: Decimal, claims: Sequence[Claim]) -> str:
    if received:
        return "paid"
    if stream.per == "claim":
        return "claimed" if claims else "not-claimed"
    return "to-be-earned" if stream.per == "achievement" else "due-without-a-claim"


def _over(amount_: Decimal) -> dict[str, Any]:
    return {"name": "amount", "valueQuantity": {"value": amount_, "comparator": ">", "unit": "GBP"}}
