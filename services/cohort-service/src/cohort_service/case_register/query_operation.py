"""`Organization/{practice}/$case-register-query`: "dialogue between the CCG and the practice to sense-check the
compilation" of the register (003 §2.4, PCPC-046)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.case_register.access import Seen, hold_register, must_write, register_seen
from cohort_service.case_register.query_rows import Query, answer_query, ask, queries_of
from cohort_service.networks.organisations import reference_of
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import only, whole_number
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.statement_parameter import statement
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def case_register_query(call: OperationCall) -> FhirResponse:
    """GET lists the queries. POST by the commissioner asks `question`; POST by the practice gives `answer` to `query`
    (its number).

    Raises FhirError 400, 403, 404 also for a query there is not, 409 for one that is answered, 422 for a text that
    names a person.
    """
    if call.request.method == "GET":
        return await _list(call)
    only(call, ("question", "query", "answer"))
    question, reply = statement(call, "question"), statement(call, "answer")
    if (question is None) == (reply is None):
        raise FhirError(
            Kind.BAD_REQUEST,
            "The commissioner gives question; the practice gives query and answer",
            expression="question",
        )
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        seen = await register_seen(call, connection)
        await hold_register(connection, seen.practice.code)
        if question is not None:
            await _ask(call, connection, seen, question, now)
        elif reply is not None:
            await _answer(call, connection, seen, reply, now)
        entry = audit_entry(
            call.request, "$case-register-query", now, resource_type="Organization", resource_id=call.id
        )
        await record(connection, [entry])
        return answer(await query_parts(connection, seen.practice.code))


async def query_parts(connection: Connection, practice: str) -> list[dict[str, Any]]:
    """A `query` for each, with `number`, `state` (open or answered), texts, and who and when."""
    shown = []
    for each in await queries_of(connection, practice):
        parts: list[dict[str, Any]] = [
            {"name": "number", "valueInteger": each.number},
            {"name": "state", "valueCode": "open" if each.open else "answered"},
            {"name": "question", "valueString": each.question},
            {"name": "askedBy", "valueReference": await reference_of(connection, each.asked_by)},
            {"name": "asked", "valueInstant": to_instant(from_micros(each.asked_at))},
        ]
        if each.answer is not None and each.answered_by is not None and each.answered_at is not None:
            parts += [
                {"name": "answer", "valueString": each.answer},
                {"name": "answeredBy", "valueReference": await reference_of(connection, each.answered_by)},
                {"name": "answered", "valueInstant": to_instant(from_micros(each.answered_at))},
            ]
        shown.append({"name": "query", "part": parts})
    return shown


async def _list(call: OperationCall) -> FhirResponse:
    only(call, ())
    async with call.kernel.database.read() as connection:
        seen = await register_seen(call, connection)
        shown = await query_parts(connection, seen.practice.code)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(
        call.kernel.database, call.request, "$case-register-query", "Organization", set(), now, resource_id=call.id
    )
    return answer(shown)


async def _ask(call: OperationCall, connection: Connection, seen: Seen, question: str, now: int) -> None:
    must_write(call, seen.commissions, "the commissioner")
    number = 1 + len(await queries_of(connection, seen.practice.code))
    await ask(connection, seen.practice.code, Query(number, question, call.request.caller.organisation, now))


async def _answer(call: OperationCall, connection: Connection, seen: Seen, reply: str, now: int) -> None:
    must_write(call, seen.own, "the practice")
    number = whole_number(call, "query", 0)
    if all(each.number != number for each in await queries_of(connection, seen.practice.code)):
        raise FhirError(Kind.NOT_FOUND, "There is no such query: query is its number")
    by = call.request.caller.organisation
    if not await answer_query(connection, seen.practice.code, number, reply, by, now):
        raise FhirError(Kind.CONFLICT, "This query has been answered")
