"""`ServiceRequest/[id]/$loop`: where a referral stands, with whom, since when, and what happened in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from referral_service.domain.loop_state import shown_as
from referral_service.domain.referral_loop import OVER
from referral_service.loops.done_notices import MINUTE
from referral_service.loops.loop_answer import standing_parts
from referral_service.loops.step_rows import Step, steps_of
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.asked_resource import asked_about_person
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import moment_or_now, only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, instant, number, parts, reference, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_LONGEST_CHAIN = 50


async def loop(call: OperationCall) -> FhirResponse:
    """How the referral stands (see `standing_parts`), `minutes` from being sent to its end, and each `step`.

    A chain of requests that replace each other is told from its first: `chain` names them in order, and every step has
    its `source`, `status`, `at`, and as far as they are known `reason` and `author`. Parameter `as-of` says by which
    moment something is late. Raises FhirError 400, and 404 for a record that nobody follows.
    """
    only(call, ("as-of",))
    at = to_micros(moment_or_now(call, "as-of"))
    async with call.kernel.database.read() as connection:
        _, patient = await asked_about_person(call, connection)
        assert call.id is not None, "declared on the instance"
        row = await _row(connection, call.id, patient)
        if row is None:
            text_ = (
                "This request is a record: it claims no kind of referral and is based on no plan (docs/referrals.md)"
            )
            raise FhirError(Kind.NOT_FOUND, text_)
        chain = await _chain(connection, row)
        steps = [(place, step) for place, each in enumerate(chain) for step in await steps_of(connection, each)]
    now = to_micros(call.kernel.clock.now())
    await audit_reads(
        call.kernel.database, call.request, "$loop", "ServiceRequest", {patient}, now, resource_id=call.id
    )
    found = standing_parts(row, shown_as(row["stands"], row["answer_due"], row["done_due"], at))
    end = row["ended"] if row["ended"] is not None else row["closed"]
    if end is not None and row["round"]:
        found.append(number("minutes", (end - row["opened"]) // MINUTE))
    found += [reference("chain", f"ServiceRequest/{each}") for each in chain if len(chain) > 1]
    found += [_shown(step) for _, step in sorted(steps, key=_order)]
    return answer(found)


async def _row(connection: Connection, request: str, patient: str) -> Row | None:
    return await connection.fetchrow(
        "SELECT * FROM referral_loop WHERE request = $1 AND patient = $2", request, patient
    )  # fmt: skip


async def _chain(connection: Connection, row: Any) -> list[str]:
    """The requests from the first of a chain to the last, all about one person."""
    patient, chain = row["patient"], [str(row["request"])]
    earlier = row["replaces"]
    while earlier is not None and earlier not in chain and len(chain) < _LONGEST_CHAIN:
        before = await _row(connection, earlier, patient)
        if before is None:
            break
        chain.insert(0, earlier)
        earlier = before["replaces"]
    while len(chain) < _LONGEST_CHAIN:
        later: str | None = await connection.fetchval(
            "SELECT request FROM referral_loop WHERE replaces = $1 AND patient = $2 ORDER BY opened, request LIMIT 1",
            chain[-1], patient,
        )  # fmt: skip
        if later is None or later in chain:
            break
        chain.append(later)
    return chain


def _order(found: tuple[int, Step]) -> tuple[int, int, int, str, int]:
    """By time; of one moment, a request before its Task, and the end of a request after it."""
    place, step = found
    rank = 1 if step.source.startswith("Task/") else 2 if step.status in OVER else 0
    return step.at, place, rank, step.source, step.version


def _shown(step: Step) -> Parameter:
    inner = [reference("source", step.source), coded("status", step.status), instant("at", from_micros(step.at))]
    inner += [text(name, value) for name, value in (("reason", step.reason), ("author", step.author)) if value]
    return parts("step", inner)
