"""`QuestionnaireResponse/$assessments-due`: who on a list lacks which assessment (AC-043)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from careplan_service.domain.assessments.kinds import ANTICIPATORY_CARE, ASSESSMENTS
from careplan_service.domain.questionnaires.response_faults import FINISHED
from careplan_service.listed_people import Listed, seen_members
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.area_parameters import AREA_PARAMETERS
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, page, short_text, texts
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, reference, text
from tandem.fhir.request import FhirResponse
from tandem.london_days import beginning_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_COHORT = "anticipatory-care"


async def assessments_due(call: OperationCall) -> FhirResponse:
    """Parameters `as-of`, `cohort`, `total` and a `person` for each who lacks any: `patient`, `since`, `lacks`.

    Parameters `cohort` (anticipatory-care), `assessment` (repeated; the three of anticipatory care), `as-of`,
    `practice` or `network`, `_count`, `_offset`. Raises FhirError 400.
    """
    only(call, ("cohort", "assessment", "as-of", "_count", "_offset", *AREA_PARAMETERS))
    day, cohort = day_or_today(call, "as-of"), short_text(call, "cohort") or _COHORT
    wanted, (count, offset) = _wanted(call), page(call)
    async with call.kernel.database.read() as connection:
        listed = await seen_members(call, connection, cohort, day)
        had = await _assessed(connection, wanted, cohort, day)
    lacking = [(each, [name for name in wanted if (each.patient, name) not in had]) for each in listed]
    due = [(each, lacks) for each, lacks in lacking if lacks]
    shown = due[offset : offset + count]
    now = to_micros(call.kernel.clock.now())
    told: set[str | None] = {each.patient for each, _ in shown}
    await audit_reads(call.kernel.database, call.request, "$assessments-due", "QuestionnaireResponse", told, now)
    return answer([
        on_day("as-of", day), text("cohort", cohort), number("total", len(due)),
        *(_person(each, lacks) for each, lacks in shown),
    ])  # fmt: skip


def _wanted(call: OperationCall) -> Sequence[str]:
    named = texts(call, "assessment") or list(ANTICIPATORY_CARE)
    if unknown := [name for name in named if name not in ASSESSMENTS]:
        known = ", ".join(ASSESSMENTS)
        raise FhirError(Kind.BAD_REQUEST, f"assessment is one of {known}", expression=f"assessment: {len(unknown)}")
    return list(dict.fromkeys(named))


async def _assessed(connection: Connection, wanted: Sequence[str], cohort: str, day: date) -> set[tuple[str, str]]:
    """Who of the cohort has a completed assessment of a kind by the end of the day. A part alone is none."""
    names = ", ".join(f"${place}" for place in range(3, 3 + len(wanted)))
    finished = ", ".join(f"'{status}'" for status in FINISHED)
    rows = await connection.fetch(
        "SELECT DISTINCT q.patient, q.questionnaire FROM questionnaire_response q"
        f" WHERE q.questionnaire IN ({names}) AND q.status IN ({finished}) AND q.whole IS NULL AND q.authored < $2"
        " AND EXISTS (SELECT 1 FROM cohort_member m WHERE m.patient = q.patient AND m.cohort = $1)",
        cohort, beginning_of(day_number(day) + 1), *wanted,
    )  # fmt: skip
    return {(row["patient"], row["questionnaire"]) for row in rows}


def _person(listed: Listed, lacks: list[str]) -> Parameter:
    return parts("person", [
        reference("patient", f"Patient/{listed.patient}"),
        on_day("since", listed.since),
        *(coded("lacks", name) for name in lacks),
    ])  # fmt: skip
