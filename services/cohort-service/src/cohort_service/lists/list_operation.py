"""`Group/{id}/$members` and `Group/$members`: who is on a list, or on any of several, as far as the caller may see.

Members are rows and are rendered here; the order is that in which care is offered: judged amenable first, judged not
amenable last, by rank within (AC-037).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.judgement import in_force
from cohort_service.lists.current_evidence import evidence_shown
from cohort_service.lists.filters import narrow
from cohort_service.lists.group_access import cohort_group, seen_people
from cohort_service.lists.in_force import definition_for
from cohort_service.lists.judgement_rows import judgements_of
from cohort_service.lists.membership_extension import membership
from cohort_service.lists.rank_reasons import rank_reasons
from cohort_service.requirements_catalogue.views_of_leads import cohorts_in_view
from cohort_service.selection.selection import Selection
from tandem.clock import to_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import Resource, encode
from tandem.fhir.operation_parameters import flag, one_of, page, texts
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of, day_at, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ORDERS = {
    "rank": "MAX(m.priority) DESC, MAX(m.rank) DESC, MIN(m.since), m.patient",
    "_id": "m.patient",
}
_ROWS = "m.cohort, m.patient, m.number, m.since, m.since_date, m.until, m.ended_by, m.definition, m.origin, m.rank"


@dataclass(slots=True)
class _Asked:
    """Which people are asked for: conditions over `group_member m` and `patient p`, and their values."""

    cohorts: list[str]
    practice: str | None
    params: list[Any] = field(default_factory=list)
    where: list[str] = field(default_factory=list)


async def members(call: OperationCall) -> FhirResponse:
    """The Group with one page of its members; `quantity` counts all whom the caller may see.

    Parameters `need`, `segment`, `risk`, `intervention` (see `filters`), `history` (with those who left), `_sort`
    (`rank` or `_id`), `_count` (at most 1000), `_offset`; the header Link gives the next page. Raises FhirError 400 and
    404.
    """
    async with call.kernel.database.read() as connection:
        group = await cohort_group(call, connection)
        return await _answer(call, connection, dict(group.body), [group.cohort], group.practice)


async def combined_members(call: OperationCall) -> FhirResponse:
    """The people of the caller who are on any of several lists, each once, with all of these lists (PCN-032).

    Parameter `cohort`, repeated; none asks for all lists in force. The others are as in `members`. Raises FhirError
    400.
    """
    async with call.kernel.database.read() as connection:
        selection = await current_selection(connection, london_date(call.kernel.clock.now()))
        seen = await cohorts_in_view(
            connection, call.request.caller, selection, london_date(call.kernel.clock.now())
        )
        named = texts(call, "cohort")
        listed = {each.id for each in selection.definitions.values() if each.listed}
        asked = named or sorted(listed if seen is None else seen & listed)
        if any(each not in listed for each in asked):
            raise FhirError(
                Kind.BAD_REQUEST,
                "cohort is the id of a cohort that is installed and kept as a list",
                expression="cohort",
            )
        if seen is not None and not seen.issuperset(asked):
            raise FhirError(Kind.NOT_FOUND, "There is no such list among the services that this user leads")
        body: Resource = {"resourceType": "Group", "type": "person", "actual": True, "name": "People on the lists"}
        return await _answer(call, connection, body, asked, None)


async def _answer(
    call: OperationCall, connection: Connection, body: Resource, cohorts: list[str], practice: str | None
) -> FhirResponse:
    count, offset = page(call)
    selection = await current_selection(connection, london_date(call.kernel.clock.now()))
    asked = await _asked(call, connection, selection, cohorts, practice)
    order = _ORDERS[one_of(call, "_sort", tuple(_ORDERS), "rank")]
    source = f"FROM group_member m JOIN patient p ON p.id = m.patient WHERE {' AND '.join(asked.where)}"
    total = await connection.fetchval(f"SELECT COUNT(DISTINCT m.patient) {source}", *asked.params)
    rows = await connection.fetch(
        f"SELECT m.patient {source} GROUP BY m.patient ORDER BY {order}"
        f" LIMIT ${len(asked.params) + 1} OFFSET ${len(asked.params) + 2}",
        *asked.params, count, offset,
    )  # fmt: skip
    patients = [row["patient"] for row in rows]
    body["quantity"] = total
    if patients:
        body["member"] = await _members(call, connection, selection, asked, patients)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$members", "Group", set(patients), now)
    return FhirResponse(200, encode(body), _next_page(call, count, offset, len(patients), total))


async def _asked(
    call: OperationCall, connection: Connection, selection: Selection, cohorts: list[str], practice: str | None
) -> _Asked:
    asked = _Asked(cohorts, practice, [array(connection.dialect, cohorts)])
    asked.where = [f"m.cohort {among(connection.dialect, '$1', 'text')}", "p.deleted = 0"]
    if practice is not None:
        asked.params.append(practice)
        asked.where.append("p.practice = $2")
    if not flag(call, "history"):
        asked.where.append("m.until IS NULL")
    asked.where.append(seen_people(call, "m", asked.params))
    as_of = london_date(call.kernel.clock.now())
    await narrow(call, connection, selection, as_of, asked.where, asked.params)
    return asked


async def _members(
    call: OperationCall, connection: Connection, selection: Selection, asked: _Asked, patients: list[str]
) -> list[dict[str, Any]]:
    """One entry for each stay of one list; of several lists one for each person."""
    history = flag(call, "history")
    rows = await connection.fetch(
        f"SELECT {_ROWS}, m.evidence, p.practice FROM group_member m JOIN patient p ON p.id = m.patient"
        f" WHERE m.patient {among(connection.dialect, '$1', 'text')}"
        f" AND m.cohort {among(connection.dialect, '$2', 'text')}{'' if history else ' AND m.until IS NULL'}"
        " ORDER BY m.cohort, m.number",
        array(connection.dialect, patients), array(connection.dialect, asked.cohorts),
    )  # fmt: skip
    judged = await judgements_of(connection, patients)
    as_of = london_date(call.kernel.clock.now())
    evidence = await evidence_shown(connection, selection, as_of, rows)
    reasons = await rank_reasons(connection, selection, asked.cohorts, as_of, patients)

    def shown(row: Row) -> dict[str, Any]:
        definition = definition_for(selection, row["cohort"], row["practice"], as_of)
        words = in_force(judged.get((row["cohort"], row["patient"]), ()), day_number(as_of))
        because = reasons.get((row["cohort"], row["patient"]), ()) if row["until"] is None else ()
        records = evidence[row["cohort"], row["patient"], row["number"]]
        return membership(row, records, words, definition, because, cohort=asked.practice is None)

    by_patient: dict[str, list[Row]] = {patient: [] for patient in patients}
    for row in rows:
        by_patient[row["patient"]].append(row)
    if asked.practice is None:
        return [_entry(patient, stays, [shown(row) for row in stays]) for patient, stays in by_patient.items()]
    return [_entry(patient, [row], [shown(row)]) for patient, stays in by_patient.items() for row in stays]


def _entry(patient: str, stays: list[Row], shown: list[dict[str, Any]]) -> dict[str, Any]:
    present = any(row["until"] is None for row in stays)
    period = {"start": min(str(row["since_date"]) for row in stays)}
    if not present:
        period["end"] = date_of(day_at(max(row["until"] for row in stays))).isoformat()
    return {
        "extension": shown,
        "entity": {"reference": f"Patient/{patient}"},
        "period": period,
        "inactive": not present,
    }


def _next_page(call: OperationCall, count: int, offset: int, shown: int, total: int) -> dict[str, str]:
    if not shown or offset + shown >= total:
        return {}
    kept = [
        (name, value) for name, values in call.parameters.items() if name not in ("_count", "_offset")
        for value in values
    ]  # fmt: skip
    query = urlencode([*((name, str(value)) for name, value in kept), ("_count", count), ("_offset", offset + shown)])
    where = f"Group/{call.id}" if call.id is not None else "Group"
    return {"Link": f'<{call.kernel.base}/{where}/$members?{query}>; rel="next"'}
