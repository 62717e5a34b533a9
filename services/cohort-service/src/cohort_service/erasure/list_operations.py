"""What operators ask and say besides: which orders there are, whose retention has ended, on whom a hold stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cohort_service.erasure.operators import operator_of
from cohort_service.erasure.order_rows import answers, orders, place_hold, release_hold
from tandem.clock import from_micros, to_micros
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import flag, only, page, required_short_text, today
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.ownership import SERVICES
from tandem.fhir.parameters_answer import answer, coded, instant, number, on_day, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.fhir.store import hold
from tandem.identity.audit import record
from tandem.london_days import date_of, day_number
from tandem.retention.log_sweep import is_sweeping
from tandem.retention.policy import policy, retention_ended
from tandem.retention.tombstones import removed_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PAGING: Final = frozenset(("_count", "_offset"))


async def erasures(call: OperationCall) -> FhirResponse:
    """Parameters with an `erasure` each, newest first: what was ordered, and which services have carried it out."""
    only(call, _PAGING)
    operator_of(call)
    most, offset = page(call)
    found: list[dict[str, Any]] = []
    async with call.kernel.database.read() as connection:
        for order in await orders(connection, most, offset):
            answered = await answers(connection, order.digest)
            # Of this service the tombstone says it: in the end with what the log lost.
            answered |= {call.kernel.service.name: sum((await removed_of(connection, order.digest)).values())}
            complete = set(answered) >= set(SERVICES) and not await is_sweeping(connection, order.digest)
            done = [
                parts("answered", [coded("service", name), number("rows", answered[name])])
                for name in sorted(answered)
            ]
            found.append(parts("erasure", [
                {"name": "order", "valueId": order.id}, text("digest", order.digest), coded("grounds", order.grounds),
                text("reason", order.reason), text("approver", order.approver), text("ordered-by", order.ordered_by),
                text("policy", order.policy), instant("at", from_micros(order.at)),
                yes("complete", complete), *done,
            ]))  # fmt: skip
    return answer(found)


async def retention_ended_for(call: OperationCall) -> FhirResponse:
    """Parameters with the `policy` and a `person` each whose retention has ended: by which `rule`, since which day."""
    only(call, _PAGING)
    operator_of(call)
    most, offset = page(call)
    kernel, day = call.kernel, today(call)
    # The shortest period of the policy bounds whom there is to look at.
    latest = day_number(day) - 365 * min(rule.years for rule in policy().rules if rule.applied)
    async with kernel.database.read() as connection:
        rows = await connection.fetch(
            "SELECT patient, died, left_on FROM person WHERE (died IS NOT NULL AND died <= $1)"
            " OR (left_on IS NOT NULL AND left_on <= $1) ORDER BY patient", latest,
        )  # fmt: skip
    ended = []
    for row in rows:
        died, left = (None if row[name] is None else date_of(row[name]) for name in ("died", "left_on"))
        if (end := retention_ended(died, left, day)) is not None:
            ended.append((row["patient"], end))
    chosen = ended[offset : offset + most]
    at = to_micros(kernel.clock.now())
    await audit_reads(
        kernel.database, call.request, "$retention-ended", "Patient", {patient for patient, _ in chosen}, at
    )
    people = [
        parts("person", [
            reference("patient", f"Patient/{patient}"), coded("rule", end.rule), on_day("since", end.since),
        ])
        for patient, end in chosen
    ]  # fmt: skip
    return answer([text("policy", policy().version), number("total", len(ended)), *people])


async def legal_hold(call: OperationCall) -> FhirResponse:
    """Places a legal hold on a person's records with a `reason`, or with `release` ends it.

    Raises FhirError 400, 403, 404.
    """
    only(call, frozenset(("reason", "release")))
    by, patient = operator_of(call), str(call.id)
    release = flag(call, "release")
    reason = "" if release else required_short_text(call, "reason")
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        await hold(connection, [("Patient", patient)])
        known = await connection.fetchval(
            "SELECT 1 FROM resource WHERE type = 'Patient' AND id = $1", patient
        )
        if known is None or (release and not await release_hold(connection, patient)):
            raise FhirError(Kind.NOT_FOUND, "There is no such Patient, or no hold on their records")
        if not release:
            await place_hold(connection, patient, reason, by, now)
        entry = audit_entry(
            call.request, "$legal-hold", now, resource_type="Patient", resource_id=patient, patient=patient
        )
        await record(connection, [entry])
    return answer([yes("held", not release)])
