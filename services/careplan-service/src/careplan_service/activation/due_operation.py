"""`QuestionnaireResponse/$pam-due`: for whom the Patient Activation Measure is due (PC-017, PC-018, PC-024)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from careplan_service.activation.cohort_rows import all_cohorts
from careplan_service.activation.measurements import PAM
from careplan_service.domain.activation.cohorts import PamCohort, cohorts_on, is_due
from careplan_service.domain.questionnaires.response_faults import FINISHED
from careplan_service.listed_people import seen_members
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection
from tandem.fhir.area_parameters import AREA_PARAMETERS
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import day_or_today, only, page, short_text
from tandem.fhir.parameters_answer import Parameter, answer, coded, number, on_day, parts, reference
from tandem.fhir.request import FhirResponse
from tandem.london_days import beginning_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_Why = tuple[PamCohort, date]


async def pam_due(call: OperationCall) -> FhirResponse:
    """Parameters `as-of`, `total` and a `person` for each: `patient`, `since`, and a `reason` for each cohort.

    Parameters `cohort`, `as-of`, `practice` or `network`, `_count`, `_offset`. The longest due come first. Raises
    FhirError 400.
    """
    only(call, ("cohort", "as-of", "_count", "_offset", *AREA_PARAMETERS))
    day, cohort, (count, offset) = day_or_today(call, "as-of"), short_text(call, "cohort"), page(call)
    due: dict[str, list[_Why]] = {}
    async with call.kernel.database.read() as connection:
        for policy in cohorts_on(await all_cohorts(connection), day):
            if cohort in (None, policy.cohort):
                measured = await _last_measured(connection, policy.cohort, day)
                for listed in await seen_members(call, connection, policy.cohort, day):
                    since = policy.due_since(listed.since)
                    if is_due(since, measured.get(listed.patient)):
                        due.setdefault(listed.patient, []).append((policy, since))
    ordered = sorted(due.items(), key=lambda each: (min(since for _, since in each[1]), each[0]))
    shown = ordered[offset : offset + count]
    now, told = to_micros(call.kernel.clock.now()), {patient for patient, _ in shown}
    await audit_reads(call.kernel.database, call.request, "$pam-due", "QuestionnaireResponse", {*told}, now)
    return answer([
        on_day("as-of", day), number("total", len(ordered)),
        *(_person(patient, reasons) for patient, reasons in shown),
    ])  # fmt: skip


async def _last_measured(connection: Connection, cohort: str, day: date) -> dict[str, datetime]:
    finished = ", ".join(f"'{status}'" for status in FINISHED)
    rows = await connection.fetch(
        "SELECT q.patient, MAX(q.authored) AS last FROM questionnaire_response q WHERE q.questionnaire = $1"
        f" AND q.status IN ({finished}) AND q.authored < $2"
        " AND EXISTS (SELECT 1 FROM cohort_member m WHERE m.patient = q.patient AND m.cohort = $3) GROUP BY q.patient",
        PAM, beginning_of(day_number(day) + 1), cohort,
    )  # fmt: skip
    return {row["patient"]: from_micros(row["last"]) for row in rows}


def _person(patient: str, reasons: list[_Why]) -> Parameter:
    first = min(since for _, since in reasons)
    return parts("person", [
        reference("patient", f"Patient/{patient}"),
        on_day("since", first),
        *(
            parts("reason", [
                coded("cohort", policy.cohort), number("version", policy.version),
                on_day("since", since),
            ])
            for policy, since in reasons
        ),
    ])  # fmt: skip
