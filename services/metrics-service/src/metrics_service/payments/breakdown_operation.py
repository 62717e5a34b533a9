"""`Measure/$funding-breakdown`: how a practice deployed the funding, when its commissioner asks (PCPC-120)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics_service.domain.payments.money import pence, pounds
from metrics_service.payments.schedule_view import schedule_of
from metrics_service.scheme.money_parameters import amount_in, money
from metrics_service.scheme.parties import Seen, must_be_commissioner, must_be_practice, practice_seen
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.body import decode, encode
from tandem.fhir.operation_parameters import flag, only, today
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer, coded, number, on_day, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ACTION = "$funding-breakdown"
_MOST = 200


async def funding_breakdown(call: OperationCall) -> FhirResponse:
    """GET answers the requests, with what was spent against what was paid. POST by the commissioner with `ask` asks;
    POST by the practice answers with `line` rows (`purpose`, `amount`).

    Raises FhirError 400, 403, 404, 409 without a request or while one is open, 422 with every fault.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, ("practice", "ask", "line"))
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        seen = await practice_seen(call, connection)
        await hold(connection, [f"funding-breakdown/{seen.practice}"])
        await (_ask(call, connection, seen) if flag(call, "ask") else _answer(call, connection, seen))
        shown = await _shown(call, connection, seen)
        await record(connection, [audit_entry(call.request, _ACTION, now, resource_type="Measure")])
    return answer(shown)


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("practice",))
    async with call.kernel.database.read() as connection:
        seen = await practice_seen(call, connection)
        shown = await _shown(call, connection, seen)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, _ACTION, "Measure", set(), now)
    return answer(shown)


async def _ask(call: OperationCall, connection: Connection, seen: Seen) -> None:
    must_be_commissioner(call, seen)
    rows = await _requests(connection, seen.practice)
    if rows and rows[-1]["answered_day"] is None:
        raise FhirError(Kind.CONFLICT, "A breakdown was asked for and is not answered yet")
    await connection.execute(
        "INSERT INTO funding_breakdown (practice, number, asked_day, asked_by, at) VALUES ($1, $2, $3, $4, $5)",
        seen.practice, len(rows) + 1, today(call).toordinal(), call.request.caller.organisation,
        to_micros(call.kernel.clock.now()),
    )  # fmt: skip


async def _answer(call: OperationCall, connection: Connection, seen: Seen) -> None:
    must_be_practice(call, seen)
    rows = rows_asked(call, "line")
    if len(rows) > _MOST:
        raise FhirError(Kind.TOO_LARGE, f"A breakdown has at most {_MOST} lines")
    lines = [(row.text("purpose"), amount_in(row, "amount")) for row in rows]
    refuse_faults(rows)
    asked = await _requests(connection, seen.practice)
    if not asked or asked[-1]["answered_day"] is not None:
        raise FhirError(Kind.CONFLICT, "No breakdown is asked for")
    kept = [{"purpose": purpose, "pence": pence(amount)} for purpose, amount in lines if amount is not None]
    await connection.execute(
        "UPDATE funding_breakdown SET lines_json = $3, answered_day = $4, answered_by = $5"
        " WHERE practice = $1 AND number = $2",
        seen.practice, asked[-1]["number"], encode(kept), today(call).toordinal(), call.request.caller.organisation,
    )  # fmt: skip


async def _requests(connection: Connection, practice: str) -> list[Row]:
    return list(await connection.fetch(
        "SELECT * FROM funding_breakdown WHERE practice = $1 ORDER BY number", practice
    ))  # fmt: skip


async def _shown(call: OperationCall, connection: Connection, seen: Seen) -> list[dict[str, Any]]:
    schedule = await schedule_of(connection, seen, today(call))
    paid = schedule.paid - schedule.recovered
    rows = await _requests(connection, seen.practice)
    return [text("practice", seen.practice), *(parts("request", _request(each, paid)) for each in rows)]


def _request(row: Row, paid: Decimal) -> list[dict[str, Any]]:
    shown = [number("number", row["number"]), on_day("asked", date.fromordinal(row["asked_day"]))]
    if row["lines_json"] is None:
        return [*shown, coded("state", "open")]
    lines = [(each["purpose"], pounds(each["pence"])) for each in decode(bytes(row["lines_json"]))]
    spent = sum((amount for _, amount in lines), Decimal("0.00"))
    shown += [coded("state", "answered"), on_day("answered", date.fromordinal(row["answered_day"]))]
    shown += [parts("line", [text("purpose", purpose), money("amount", amount)]) for purpose, amount in lines]
    return [*shown, money("spent", spent), money("paid", paid), money("difference", paid - spent)]
