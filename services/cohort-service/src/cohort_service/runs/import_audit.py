"""`POST Group/$import-audit`: what a tool found elsewhere becomes a record of each person (SMR-017, PCN-034).

The audit is kept whole or not at all. Rows that name nobody in the caller's care are reported by line; nothing says
whether such a person exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.audit_findings import (
    MAX_ROWS,
    Finding,
    Tool,
    UnreadableAudit,
    audit_list,
    by_person,
    finding,
    findings_in_csv,
)
from cohort_service.runs.audit_people import match_people
from cohort_service.runs.audit_rows import keep_matches, latest_data_day, retire_unnamed
from cohort_service.runs.known import known_to
from cohort_service.runs.run_answer import run_parameters
from cohort_service.runs.run_counts import DISTINCT, POPULATION, Counts, add, in_all
from cohort_service.runs.run_rows import Run, keep_run
from cohort_service.runs.scope import Scope, scope_to_run
from cohort_service.runs.tools import check_registered
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, parse_resource
from tandem.fhir.operation_parameters import optional_day, short_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer, parts
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall
    from tandem.service import Work

_CELLS = {"nhsNumber": "nhs_number", "patient": "patient", "finding": "finding", "text": "text"}


async def import_audit(call: OperationCall) -> FhirResponse:
    """Parameters: `tool`, `toolVersion`, `dataDate`, and either `rows` (CSV text) or `row` with parts `nhsNumber` or
    `patient`, `finding`, `text`; `practice` or `network` as for a run.

    Answers the run, how many people matched, and each row that did not, by line and reason. Raises FhirError 400, 403,
    422 for a tool that is not registered or a date to come, 409 for data older than what was imported before.
    """
    name, version = short_text(call, "tool"), short_text(call, "toolVersion")
    day = optional_day(call, "dataDate")
    if name is None or version is None or day is None:
        raise FhirError(Kind.BAD_REQUEST, "Give tool, toolVersion and dataDate", expression="tool")
    now = call.kernel.clock.now()
    if day > london_date(now):
        raise FhirError(Kind.UNPROCESSABLE, "dataDate lies in the future", expression="dataDate")
    findings = _findings(call)
    async with call.kernel.database.transaction() as connection:
        scope = await scope_to_run(
            connection, call.request.caller, code_parameter(call, "practice"), code_parameter(call, "network"),
            to_micros(now),
        )  # fmt: skip
        tool = await check_registered(connection, scope, name, version, to_micros(now))
        held = await latest_data_day(connection, tool.code, scope)
        if held is not None and day_number(day) < held:
            raise FhirError(Kind.CONFLICT, f"An audit of this tool with data of {date_of(held)} is held already")
        run = Run(
            call.kernel.ids.new(), None, scope.organisation, day_number(london_date(now)), False,
            call.request.caller.organisation, call.request.caller.user, to_micros(now), to_micros(now),
            await known_to(connection), {}, {}, imported=True, tool=tool.code, tool_version=tool.version,
            data_day=day_number(day),
        )  # fmt: skip
        people, unmatched, counts = await _take_over(work_of(call, connection, now), run, tool, scope, findings)
        await keep_run(connection, run, counts)
    await audit_reads(call.kernel.database, call.request, "$import-audit", "Group", set(people), run.finished)
    told = run_parameters(run, in_all(counts), scope.practices)
    told.append({"name": "matched", "valueInteger": len(people)})
    return answer([*told, *map(_unmatched, unmatched)])


async def _take_over(
    work: Work, run: Run, tool: Tool, scope: Scope, findings: list[Finding]
) -> tuple[list[str], list[Finding], Counts]:
    matched, unmatched, practices = await match_people(work.connection, findings, scope)
    named = by_person(matched)
    assert run.data_day is not None, "an imported run has the date of its data"
    lists = {}
    for patient, said in sorted(named.items()):
        kept = await work.put(audit_list(tool, patient, said, date_of(run.data_day)))
        lists[patient] = str(kept["id"])
    await retire_unnamed(work, tool.code, scope, set(named))
    await keep_matches(work.connection, run.id, lists)
    counts: Counts = {practice: {} for practice in scope.practices or ()}
    for patient in named:
        add(counts, {practices[patient]: {POPULATION: 1, DISTINCT: 1}})
    return sorted(named), unmatched, counts


def _findings(call: OperationCall) -> list[Finding]:
    text = call.one("rows")
    parts = _row_parts(call)
    if (text is None) == (not parts):
        raise FhirError(
            Kind.BAD_REQUEST, "Give the findings as rows (CSV text) or as row parts, one of them", expression="rows"
        )
    if text is None:
        found = [finding(line, cells) for line, cells in enumerate(parts, start=1)]
    elif isinstance(text, str):
        try:
            found = findings_in_csv(text)
        except UnreadableAudit as error:
            raise FhirError(Kind.BAD_REQUEST, f"The audit cannot be read: {error}", expression="rows") from None
    else:
        raise FhirError(Kind.BAD_REQUEST, "rows is CSV text", expression="rows")
    if not found:
        raise FhirError(Kind.BAD_REQUEST, "The audit has no rows", expression="rows")
    if len(found) > MAX_ROWS:
        raise FhirError(Kind.TOO_LARGE, f"An audit is imported in parts of {MAX_ROWS} rows at most")
    return found


def _row_parts(call: OperationCall) -> list[dict[str, str]]:
    """The kernel hands parameters over by their values; `row` has parts, so it is read from the body."""
    if not call.request.body:
        return []
    body: Resource = parse_resource(call.request.body)
    rows = [each for each in body.get("parameter") or () if each.get("name") == "row"]
    return [_cells(each.get("part") or ()) for each in rows]


def _cells(parts: Any) -> dict[str, str]:
    cells: dict[str, str] = {}
    for each in parts:
        column = _CELLS.get(str(each.get("name"))) if isinstance(each, dict) else None
        if column is None:
            raise FhirError(Kind.BAD_REQUEST, f"A row has the parts {', '.join(_CELLS)}", expression="row")
        value = next((value for name, value in each.items() if name.startswith("value")), "")
        if isinstance(value, dict):
            value = value.get("reference") or value.get("value") or ""
        cells[column] = str(value)
    return cells


def _unmatched(row: Finding) -> Parameter:
    reason = row.fault or "names nobody in your care"
    return parts("unmatched", [
        {"name": "line", "valueInteger": row.line}, {"name": "reason", "valueString": f"Line {row.line} {reason}"},
    ])  # fmt: skip
