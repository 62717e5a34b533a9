"""`GET Group/$matches`: whom an imported audit named, with the source of each match (SMR-017)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.lists.group_access import seen_people
from cohort_service.runs.run_rows import Run
from cohort_service.runs.seen_runs import seen_run
from tandem.clock import to_micros
from tandem.database.array_parameters import among, array
from tandem.fhir.auditing import audit_reads
from tandem.fhir.parameters_answer import Parameter, answer, parts
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def matches(call: OperationCall) -> FhirResponse:
    """Parameters with one `match` each: the person, the tool with its version and date of data, and the List.

    Parameter `run`. People whom the caller may not see are left out. Raises FhirError 400, 403, 404.
    """
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.read() as connection:
        run, _, practices = await seen_run(call, connection, people=True)
        params: list[Any] = [run.id, array(connection.dialect, practices or ())]
        narrowed = f" AND (1 = {int(practices is None)} OR t.practice {among(connection.dialect, '$2', 'text')})"
        seen = seen_people(call, "m", params)
        rows = await connection.fetch(
            "SELECT m.patient, m.list FROM identification_match m JOIN patient t ON t.id = m.patient AND t.deleted = 0"
            f" WHERE m.run = $1{narrowed} AND {seen} ORDER BY m.patient", *params,
        )  # fmt: skip
    people = {row["patient"] for row in rows}
    await audit_reads(call.kernel.database, call.request, "$matches", "Group", people, now)
    return answer(_match(run, row["patient"], row["list"]) for row in rows)


def _match(run: Run, patient: str, kept: str) -> Parameter:
    found: list[Parameter] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}},
        {"name": "tool", "valueString": run.tool}, {"name": "toolVersion", "valueString": run.tool_version},
        {"name": "source", "valueReference": {"reference": f"List/{kept}"}},
    ]  # fmt: skip
    if run.data_day is not None:
        found.append({"name": "dataDate", "valueDate": date_of(run.data_day).isoformat()})
    return parts("match", found)
