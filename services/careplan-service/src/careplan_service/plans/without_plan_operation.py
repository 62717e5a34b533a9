"""`CarePlan/$without-plan`: who on a list has no active shared plan (PCPC-032)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.listed_people import Listed, seen_members
from careplan_service.plans.programmes import CASE_REGISTER, COMPLEX_AND_FRAIL
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.area_parameters import AREA_PARAMETERS
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import only, page, short_text, today
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, reference, text
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def without_plan(call: OperationCall) -> FhirResponse:
    """A `person` for each without an active plan: `patient`, `since` (on the list), `plan` (others, with `status`).

    Parameters `list` (a cohort; `case-register` unless given), `practice` or `network`, `_count`, `_offset`; `listed`
    is how many are on the list, `total` how many of them have no active plan. Raises FhirError 400.
    """
    only(call, ("list", "_count", "_offset", *AREA_PARAMETERS))
    cohort, (count, offset) = short_text(call, "list") or CASE_REGISTER, page(call)
    async with call.kernel.database.read() as connection:
        listed = await _listed(call, connection, cohort)
        plans = await _plans(connection, cohort)
    lacking = [each for each in listed if "active" not in plans.get(each.patient, {}).values()]
    shown = lacking[offset : offset + count]
    told: set[str | None] = {each.patient for each in shown}
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$without-plan", "CarePlan", told, now)
    return answer([
        text("list", cohort), number("listed", len(listed)), number("total", len(lacking)),
        *(_person(each, plans.get(each.patient, {})) for each in shown),
    ])  # fmt: skip


async def _listed(call: OperationCall, connection: Connection, cohort: str) -> list[Listed]:
    day = today(call)
    listed = await seen_members(call, connection, cohort, day)
    if cohort != CASE_REGISTER:
        return listed
    # On the register is who was put there and is on its list too.
    still = {each.patient for each in await seen_members(call, connection, COMPLEX_AND_FRAIL, day)}
    return [each for each in listed if each.patient in still]


async def _plans(connection: Connection, cohort: str) -> dict[str, dict[str, str]]:
    """The shared plans, that are worked with, of people who are or were on the list: person -> plan -> status."""
    rows = await connection.fetch(
        "SELECT p.id, p.patient, p.status FROM shared_plan p WHERE p.status IN ('draft', 'active', 'on-hold')"
        " AND EXISTS (SELECT 1 FROM cohort_member m WHERE m.patient = p.patient AND m.cohort = $1)", cohort,
    )  # fmt: skip
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row["patient"], {})[row["id"]] = row["status"]
    return found


def _person(listed: Listed, plans: dict[str, str]) -> Parameter:
    return parts("person", [
        reference("patient", f"Patient/{listed.patient}"),
        on_day("since", listed.since),
        *(
            parts("plan", [
                reference("plan", f"CarePlan/{plan}"),
                coded("status", status),
            ])
            for plan, status in sorted(plans.items())
        ),
    ])  # fmt: skip
