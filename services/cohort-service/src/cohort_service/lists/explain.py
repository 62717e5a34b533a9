"""`Group/{id}/$explain`: whether, since when, by which rules and by which records a person is on a list (SMR-058)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.definition_language.nodes import CohortDefinition
from cohort_service.domain.judgement import Judgement, in_force
from cohort_service.lists.current_evidence import evidence_shown
from cohort_service.lists.evidence_count import evidence_left_out
from cohort_service.lists.group_access import CohortGroup, cohort_group, person_in_care
from cohort_service.lists.in_force import definition_for
from cohort_service.lists.judgement_rows import judgements_of
from cohort_service.lists.member_rows import Evidence
from cohort_service.lists.membership_extension import (
    as_parameter,
    cause_of_leaving,
    evidence_parts,
    judgement_parts,
    reason_parts,
)  # fmt: skip
from cohort_service.lists.rank_reasons import rank_reasons
from cohort_service.lists.rule_tree import rules_of
from cohort_service.selection.compile import excluded_sql
from cohort_service.selection.selection import Selection
from tandem.clock import to_micros
from tandem.database.array_parameters import array
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of, day_at, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class _Explained:
    """What is known of one person and one list; `stays` are oldest first, `evidence` is by their numbers, `rules` are
    parameters; `more` counts the evidence of the present stay that `evidence` has no room for."""

    patient: str
    definition: CohortDefinition | None
    stays: Sequence[Row]
    judgements: Sequence[Judgement]
    exclusions: Sequence[str]
    rules: Sequence[dict[str, Any]]
    reasons: Sequence[tuple[str, int]]
    evidence: Mapping[int, Evidence]
    more: int
    day: int


async def explain(call: OperationCall) -> FhirResponse:
    """Parameters that say whether the person is a member, and why or why not.

    `member`, `definition`, `source`; of a member `since`, `period`, `origin`, `rank`, `evidence` and `more`, how many
    records there are besides; `because`, what gives points of rank now, with the points; every `stay`, an ended one
    with the `evidence` kept of it; every `judgement`; the `exclusion` of somebody whom the definition would take but
    for it; and `rule`, the definition as a tree of what holds now with the records that show it and those `against`.

    Parameter `patient`: `Patient/1`, the bare id, or NHS number as `system|value`. Raises FhirError 400, and 404 for a
    person who is not registered there or whose record the caller may not see.
    """
    kernel, as_of = call.kernel, london_date(call.kernel.clock.now())
    async with kernel.database.read() as connection:
        group = await cohort_group(call, connection)
        patient = await person_in_care(call, connection, group.practice)
        explained = await _explained(connection, group, patient, as_of)
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, call.request, "$explain", "Group", {patient}, now)
    return answer(_rendered(explained))


async def _explained(connection: Connection, group: CohortGroup, patient: str, as_of: date) -> _Explained:
    selection = await current_selection(connection, as_of)
    definition = definition_for(selection, group.cohort, group.practice, as_of)
    stays = await connection.fetch(
        "SELECT * FROM group_member WHERE cohort = $1 AND patient = $2 ORDER BY number", group.cohort, patient
    )
    number = await connection.fetchval("SELECT number FROM person WHERE patient = $1", patient)
    exclusions: list[str] = []
    rules: list[dict[str, Any]] = []
    if number is not None and definition is not None:
        exclusions = await _exclusions(connection, selection, definition, as_of, number)
        rules = await rules_of(connection, selection, definition, as_of, number)
    reasons = (await rank_reasons(connection, selection, [group.cohort], as_of, [patient])).get(
        (group.cohort, patient), []
    )
    judgements = (await judgements_of(connection, [patient])).get((group.cohort, patient), [])
    evidence = await evidence_shown(connection, selection, as_of, stays)
    more = 0 if number is None else await evidence_left_out(connection, selection, as_of, stays[-1:], number)
    return _Explained(
        patient, definition, stays, judgements, exclusions, rules, reasons,
        {stay: entries for (_, _, stay), entries in evidence.items()}, more, day_number(as_of),
    )  # fmt: skip


async def _exclusions(
    connection: Connection, selection: Selection, definition: CohortDefinition, as_of: date, person: int
) -> list[str]:
    sql = excluded_sql(selection, [definition.id], as_of, connection.dialect, scope="people")
    rows = await connection.fetch(sql, array(connection.dialect, [person]))
    return [definition.exclude[reason].text for reason in sorted({row["reason"] for row in rows})]


def _rendered(explained: _Explained) -> list[Parameter]:
    present = next((row for row in explained.stays if row["until"] is None), None)
    parameters: list[Parameter] = [
        {"name": "member", "valueBoolean": present is not None},
        {"name": "patient", "valueReference": {"reference": f"Patient/{explained.patient}"}},
        *_definition(explained.definition, present),
    ]
    if present is not None:
        parameters += _present(present, explained.evidence.get(present["number"], []), explained.more)
    parameters += [as_parameter("because", reason_parts(each)["extension"]) for each in explained.reasons]
    parameters += [{"name": "exclusion", "valueString": each} for each in explained.exclusions]
    counting = in_force(explained.judgements, explained.day).all
    for each in explained.judgements:
        parts = [*judgement_parts(each), {"url": "inForce", "valueBoolean": each in counting}]
        parameters.append(as_parameter("judgement", parts))
    parameters += [as_parameter("stay", _stay(row, explained.evidence)) for row in explained.stays]
    return [*parameters, *explained.rules]


def _present(row: Row, evidence: Evidence, more: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": "since", "valueDate": row["since_date"]},
        {"name": "period", "valuePeriod": _period(row)},
        {"name": "origin", "valueCode": row["origin"]},
        {"name": "rank", "valueInteger": row["rank"]},
        *(as_parameter("evidence", evidence_parts(each)) for each in evidence),
    ]
    return [*found, {"name": "more", "valueInteger": more}] if more else found


def _definition(definition: CohortDefinition | None, present: Row | None) -> list[dict[str, Any]]:
    name = present["definition"] if present is not None else definition.name if definition is not None else None
    found = [{"name": "definition", "valueString": name}] if name is not None else []
    if definition is not None:
        found.append({"name": "source", "valueString": definition.source})
    return found


def _stay(row: Row, evidence: Mapping[int, Evidence]) -> list[dict[str, Any]]:
    ended = evidence.get(row["number"], []) if row["until"] is not None else []
    return [
        {"url": "period", "valuePeriod": _period(row)},
        {"url": "definition", "valueString": row["definition"]},
        {"url": "origin", "valueCode": row["origin"]},
        *cause_of_leaving(row["ended_by"]),
        *({"url": "evidence", "extension": evidence_parts(each)} for each in ended),
    ]


def _period(row: Row) -> dict[str, str]:
    period = {"start": str(row["since_date"])}
    if row["until"] is not None:
        period["end"] = date_of(day_at(row["until"])).isoformat()
    return period
