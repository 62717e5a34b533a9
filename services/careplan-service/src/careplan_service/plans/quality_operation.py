"""`CarePlan/{id}/$quality` and `CarePlan/$quality`: how complete plans are against the checklist (PCPC-080)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from careplan_service.domain.plans.checklist import PROGRAMMES
from careplan_service.plans.plan_asked import asked_plan
from careplan_service.plans.shipped_checklist import checklist
from careplan_service.plans.standing import Asked, Standing, standing_of
from tandem.clock import to_micros
from tandem.cohort_membership.queries import members_of
from tandem.database.connection import Connection, Row
from tandem.fhir.area_parameters import AREA_PARAMETERS, area_conditions
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import decode
from tandem.fhir.operation_parameters import one_of, only, page, short_text, today
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.access import visible_of_person

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STATUSES = ("draft", "active", "on-hold", "completed", "revoked", "unknown")
_PAGE, _LARGEST = 50, 200


async def quality(call: OperationCall) -> FhirResponse:
    """`score` (0 to 100), `complete`, `checklist` (its version), a `programme` with its own score, and a `thing` each.

    Each thing has `name`, `present`, `programme`, `requirement`, `source`, and when it is missing `refuses` and the
    words of what to do. Raises FhirError 404, 422.
    """
    only(call, ())
    kernel, now = call.kernel, call.kernel.clock.now()
    async with kernel.database.read() as connection:
        asked = await asked_plan(call, connection)
        standing = await standing_of(connection, asked.plan, asked.patient, now)
    await audit_reads(kernel.database, call.request, "$quality", "CarePlan", {asked.patient}, to_micros(now))
    return answer([*_scores(standing), *map(_thing, standing.asked)])


async def quality_of_plans(call: OperationCall) -> FhirResponse:
    """A `plan` for each shared plan that the caller may see: `plan`, `patient`, `score`, `complete`, `missing` names.

    Parameters `status` (active), `list` (a cohort), `practice` or `network`, `_count`, `_offset`; `total` is how many
    there are. Raises FhirError 400.
    """
    only(call, ("status", "list", "_count", "_offset", *AREA_PARAMETERS))
    status, (count, offset) = one_of(call, "status", _STATUSES, "active"), page(call, _PAGE, _LARGEST)
    kernel, now = call.kernel, call.kernel.clock.now()
    async with kernel.database.read() as connection:
        plans = await _plans(call, connection, status)
        shown = plans[offset : offset + count]
        found = [
            await standing_of(connection, decode(row["body"]), row["patient"], now)
            for row in [await _body(connection, each) for each in shown] if row is not None
        ]  # fmt: skip
    people: set[str | None] = {each.activation.patient for each in found}
    await audit_reads(kernel.database, call.request, "$quality", "CarePlan", people, to_micros(now))
    return answer([
        coded("status", status), text("checklist", checklist().version), number("total", len(plans)),
        *map(_plan, found),
    ])  # fmt: skip


async def _plans(call: OperationCall, connection: Connection, status: str) -> list[str]:
    now, kernel, cohort = to_micros(call.kernel.clock.now()), call.kernel, short_text(call, "list")
    params: list[Any] = [status]
    conditions = ["m.status = $1", *area_conditions(call, params, now)]
    if cohort is not None:
        listed = members_of("c", params, cohort, today(call))
        conditions.append(f"EXISTS (SELECT 1 FROM cohort_member c WHERE c.patient = m.patient AND {listed})")
    conditions.append(
        visible_of_person(
            call.request.caller, "m", params, now, resource_type="CarePlan", registered_only=kernel.registered_only()
        )
    )
    sql = f"SELECT m.id FROM shared_plan m WHERE {' AND '.join(conditions)} ORDER BY m.id"
    return [row["id"] for row in await connection.fetch(sql, *params)]


async def _body(connection: Connection, plan: str) -> Row | None:
    return await connection.fetchrow(
        "SELECT r.patient, l.body FROM resource r JOIN log l ON l.id = r.log_id"
        " WHERE r.type = 'CarePlan' AND r.id = $1 AND r.deleted = 0", plan,
    )  # fmt: skip


def _scores(standing: Standing) -> list[Parameter]:
    shown: list[Parameter] = [
        number("score", standing.score), yes("complete", not standing.missing), text("checklist", checklist().version),
        text("source", checklist().source),
    ]  # fmt: skip
    programmes = [each for each in PROGRAMMES if each in standing.facts.programmes]
    return shown + [
        parts("programme", [coded("code", each), number("score", standing.score_of(each))])
        for each in programmes
    ]


def _thing(asked: Asked) -> Parameter:
    inner: list[Parameter] = [
        coded("name", asked.name), yes("present", asked.present),
        *(coded("programme", each) for each in asked.programmes),
        *(coded("requirement", each) for each in asked.requirements), text("source", asked.source),
    ]  # fmt: skip
    if not asked.present:
        inner.append(yes("refuses", any(issue.severity == "error" for issue in asked.issues)))
        inner += [text("missing", issue.text) for issue in asked.issues]
    return parts("thing", inner)


def _plan(standing: Standing) -> Parameter:
    return parts("plan", [
        reference("plan", f"CarePlan/{standing.activation.id}"),
        reference("patient", f"Patient/{standing.activation.patient}"),
        number("score", standing.score), yes("complete", not standing.missing),
        *(coded("programme", each) for each in sorted(standing.facts.programmes)),
        *(coded("missing", each.name) for each in standing.asked if not each.present),
    ])  # fmt: skip
