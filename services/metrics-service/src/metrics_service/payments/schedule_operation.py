"""`Measure/$payment-schedule` and what a commissioner does about it: paying, judging performance, taking back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from metrics_service.payments.payment_rows import PaymentKind, keep_decision, keep_payment, keep_recovery
from metrics_service.payments.schedule_view import Schedule, schedule_of, schedule_parts
from metrics_service.scheme.money_parameters import amount_given
from metrics_service.scheme.parties import Seen, must_be_commissioner, practice_seen
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import flag, one_of, only, optional_day, required_day, today
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.statement_parameter import statement
from tandem.identity.audit import record
from tandem.identity.derivation import hold

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_Doing = Callable[["OperationCall", Connection, Seen, Schedule], Awaitable[None]]


async def payment_schedule(call: OperationCall) -> FhirResponse:
    """The schedule of a practice with its qualification. Raises FhirError 400, 404, 422."""
    only(call, ("practice",))
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        seen = await practice_seen(call, connection)
        shown = await schedule_parts(connection, seen, await schedule_of(connection, seen, today(call)), now)
    await audit_reads(call.kernel.database, call.request, "$payment-schedule", "Measure", set(), now)
    return answer(shown)


async def record_payment(call: OperationCall) -> FhirResponse:
    """POST by the commissioner: `kind` (instalment or final), `date` (its month, or the first day of its terms), and
    `paid`, the day. The amount is that of the schedule. Raises FhirError 400, 403, 404, 422 for what is not payable.
    """
    return await _do(call, "$record-payment", ("practice", "kind", "date", "paid"), _pay)


async def decide_performance(call: OperationCall) -> FhirResponse:
    """POST by the commissioner: whether performance under the terms that begin on `terms` was `satisfactory`; if it
    was not, the `reason`. Raises FhirError 400, 403, 404, 422 while a report of these terms is missing.
    """
    return await _do(call, "$decide-performance", ("practice", "terms", "satisfactory", "reason"), _judge)


async def recover_payment(call: OperationCall) -> FhirResponse:
    """POST by the commissioner: the `amount` claimed back, the `reason`, and `stopped`, the day from which the practice
    delivers no more, when it does not. Raises FhirError 400, 403, 404, 422 for more than was paid.
    """
    return await _do(call, "$recover-payment", ("practice", "amount", "reason", "stopped"), _recover)


async def _do(call: OperationCall, action: str, names: tuple[str, ...], doing: _Doing) -> FhirResponse:
    only(call, names)
    now, day = to_micros(call.kernel.clock.now()), today(call)
    async with call.kernel.database.transaction() as connection:
        seen = await practice_seen(call, connection)
        must_be_commissioner(call, seen)
        await hold(connection, [f"scheme-payment/{seen.practice}"])
        await doing(call, connection, seen, await schedule_of(connection, seen, day))
        shown = await schedule_parts(connection, seen, await schedule_of(connection, seen, day), now)
        await record(connection, [audit_entry(call.request, action, now, resource_type="Measure")])
    return answer(shown)


async def _pay(call: OperationCall, connection: Connection, seen: Seen, schedule: Schedule) -> None:
    kind = one_of(call, "kind", ("instalment", "final"), "")
    part, paid = required_day(call, "date"), required_day(call, "paid")
    if paid > today(call):
        raise FhirError(Kind.BUSINESS_RULE, "A payment is recorded once it was made", expression="paid")
    dues = {each.month: each for terms in schedule.scheme.terms for each in schedule.instalments(terms)}
    finals = {terms.first: final for terms in schedule.scheme.terms if (final := schedule.final(terms)) is not None}
    due = dues.get(part) if kind == "instalment" else finals.get(part)
    if due is None:
        text = "date is the first day of a month of the schedule, or for a final payment of its terms"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="date")
    if due.state != "payable":
        text = f"This payment is not payable: {due.state} (003 appendix 3)"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="date")
    by, at = call.request.caller.organisation, to_micros(call.kernel.clock.now())
    kept: PaymentKind = "instalment" if kind == "instalment" else "final"
    await keep_payment(connection, seen.practice, kept, part, due.amount, paid, by, at)


async def _judge(call: OperationCall, connection: Connection, seen: Seen, schedule: Schedule) -> None:
    first, reason = required_day(call, "terms"), statement(call, "reason")
    if call.one("satisfactory") is None:
        raise FhirError(Kind.BAD_REQUEST, "satisfactory is true or false", expression="satisfactory")
    satisfactory = flag(call, "satisfactory")
    terms = next((each for each in schedule.scheme.terms if each.first == first), None)
    if terms is None:
        raise FhirError(Kind.UNPROCESSABLE, "terms is the first day of terms of the scheme", expression="terms")
    if terms.first in schedule.dealings.finals_paid:
        raise FhirError(Kind.CONFLICT, "The final payment of these terms was made")
    if today(call) < terms.last:
        text = f"Performance is judged over the whole of the terms, to {terms.last} (003 appendix 3)"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="terms")
    if not satisfactory and reason is None:
        raise FhirError(Kind.BUSINESS_RULE, "Give the reason why it was not satisfactory", expression="reason")
    missing = [
        each.last for each in schedule.periods
        if terms.first <= each.last <= terms.last and each.last not in schedule.dealings.submitted
    ]  # fmt: skip
    if satisfactory and missing:
        issues = [Issue(f"The report to {each} was not submitted (003 appendix 3)", "satisfactory") for each in missing]
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)
    by, at = call.request.caller.organisation, to_micros(call.kernel.clock.now())
    await keep_decision(connection, seen.practice, first, satisfactory, reason, today(call), by, at)


async def _recover(call: OperationCall, connection: Connection, seen: Seen, schedule: Schedule) -> None:
    amount, reason, stopped = amount_given(call, "amount"), statement(call, "reason"), optional_day(call, "stopped")
    if reason is None:
        text = "Give the reason for taking money back (003 appendix 3)"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="reason")
    if stopped is not None and stopped > today(call):
        raise FhirError(Kind.BUSINESS_RULE, "stopped is a day that has been", expression="stopped")
    left = schedule.paid - schedule.recovered
    if amount > left:
        text = f"No more is taken back than was paid and not taken back yet: £{left}"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="amount")
    by, at = call.request.caller.organisation, to_micros(call.kernel.clock.now())
    await keep_recovery(connection, seen.practice, amount, reason, stopped, today(call), by, at)
