"""`Patient/{id}/$cohorts`: every list a person is on, with the service it is kept for and what put them there.

PCN-032 and PC-058: with the plans, activation scores and budgets of the person, each with the service that caused it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.judgement import in_force
from cohort_service.lists.current_evidence import evidence_shown
from cohort_service.lists.group_access import NO_PERSON, may_see
from cohort_service.lists.groups import COHORT_SYSTEM, group_id
from cohort_service.lists.in_force import definition_for
from cohort_service.lists.judgement_rows import judgements_of
from cohort_service.lists.membership_extension import as_parameter, membership
from cohort_service.lists.rank_reasons import rank_reasons
from cohort_service.requirements_catalogue.views_of_leads import cohorts_in_view
from cohort_service.service_entries.entry_rows import entries_with_causes, entry_parameter
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import flag
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def patient_cohorts(call: OperationCall) -> FhirResponse:
    """Parameters with a `membership` for each list; with `history=true` also those the person has left; and with an
    `entry` for each plan, activation score and budget, as far as they reached this service.

    Raises FhirError 404 for a person whose record the caller may not see.
    """
    assert call.id is not None, "declared on the instance"
    kernel, patient = call.kernel, call.id
    as_of = london_date(kernel.clock.now())
    async with kernel.database.read() as connection:
        registration = await connection.fetchrow("SELECT practice FROM patient WHERE id = $1 AND deleted = 0", patient)
        if registration is None or not await may_see(call, connection, patient):
            raise FhirError(Kind.NOT_FOUND, NO_PERSON)
        practice = registration["practice"]
        selection = await current_selection(connection, as_of)
        judged = await judgements_of(connection, [patient])
        stays = await connection.fetch(
            "SELECT * FROM group_member WHERE patient = $1 ORDER BY cohort, number", patient
        )
        rows = [row for row in stays if row["until"] is None or flag(call, "history")]
        seen = await cohorts_in_view(connection, call.request.caller, selection, as_of)
        services = {cohort: each.service for cohort, each in selection.definitions.items()}
        entries = await entries_with_causes(connection, patient, stays, services)
        evidence = await evidence_shown(connection, selection, as_of, rows)
        reasons = await rank_reasons(connection, selection, {row["cohort"] for row in rows}, as_of, [patient])
    rows = [row for row in rows if seen is None or row["cohort"] in seen]
    parameters: list[dict[str, Any]] = [{"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}}]
    for row in rows:
        definition = definition_for(selection, row["cohort"], practice, as_of)
        words = in_force(judged.get((row["cohort"], patient), ()), day_number(as_of))
        shown = membership(
            row, evidence[row["cohort"], patient, row["number"]], words, definition,
            reasons.get((row["cohort"], patient), ()) if row["until"] is None else (),
        )  # fmt: skip
        known_as = selection.definitions.get(row["cohort"])
        parts = [*_of_what(row["cohort"], known_as, practice), *shown["extension"]]
        parameters.append(as_parameter("membership", parts))
    led = None if seen is None else {services[cohort] for cohort in seen if cohort in services}
    parameters += [entry_parameter(each) for each in entries if led is None or led.intersection(each.services)]
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$cohorts", "Patient", {patient}, now, resource_id=patient)
    return answer(parameters)


def _of_what(cohort: str, definition: CohortDefinition | None, practice: str | None) -> list[dict[str, Any]]:
    coding = {"system": COHORT_SYSTEM, "code": cohort}
    parts: list[dict[str, Any]] = []
    if definition is not None:
        coding["display"] = definition.title
        parts.append({"url": "service", "valueCode": definition.service})
    if practice is not None:
        parts.append({"url": "group", "valueReference": {"reference": f"Group/{group_id(cohort, practice)}"}})
    return [{"url": "cohort", "valueCoding": coding}, *parts]
