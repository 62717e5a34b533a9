"""`GET Organization/{practice}/$case-register`: the register as it stands, its floor, and who awaits review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.case_register.access import Seen, register_seen
from cohort_service.case_register.entry_rows import LISTED, listed, sources_by_lists, sources_of
from cohort_service.case_register.figures import figures_of, register_check, source_parts, unplanned_admissions_check
from cohort_service.case_register.professional_rows import assignments_of
from cohort_service.case_register.professionals import caseload_parts, caseloads
from cohort_service.case_register.query_operation import query_parts
from cohort_service.case_register.sign_off_operation import sign_off_parts
from cohort_service.domain.case_register.entry import STATUSES
from cohort_service.domain.case_register.sources import UNPLANNED_ADMISSIONS_REGISTER
from cohort_service.lists.group_access import seen_people
from cohort_service.lists.membership_extension import as_parameter, evidence_parts
from cohort_service.networks.organisations import reference_of
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import decode
from tandem.fhir.operation_parameters import only, page, texts
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NORMALLY = ("on-register", "candidate")


async def case_register(call: OperationCall) -> FhirResponse:
    """A `check` of each register against its floor, counts by source and status, caseloads, queries and sign-offs.

    For the practice and its network also an `entry` for each person: on the register first, then the candidates who
    are likeliest, those with most sources and rank. `status` (repeated) asks for others: candidate, on-register,
    declined, removed. `_count` (at most 1000) and `_offset` page the entries. Raises FhirError 400 and 404.
    """
    only(call, ("status", "_count", "_offset"))
    statuses, paged = texts(call, "status") or list(_NORMALLY), page(call)
    if any(each not in STATUSES for each in statuses):
        raise FhirError(Kind.BAD_REQUEST, f"status is one of {', '.join(STATUSES)}", expression="status")
    told = set[str | None]()
    async with call.kernel.database.read() as connection:
        seen = await register_seen(call, connection)
        shown = await _figures(connection, seen)
        if seen.people:
            rows = await listed(
                connection, seen.practice.code, seen.day, statuses, paged, lambda params: seen_people(call, "l", params)
            )
            shown += await _entries(connection, seen, rows)
            told |= {row["patient"] for row in rows}
    now = to_micros(call.kernel.clock.now())
    await audit_reads(
        call.kernel.database, call.request, "$case-register", "Organization", told, now, resource_id=call.id
    )
    return answer(shown)


async def _figures(connection: Connection, seen: Seen) -> list[dict[str, Any]]:
    practice, day = seen.practice.code, seen.day
    figures = await figures_of(connection, practice, day)
    counted = await connection.fetch(
        f"SELECT l.status, COUNT(*) AS people, SUM(CASE WHEN l.meeting IS NULL THEN 1 ELSE 0 END) AS waiting"
        f" FROM {LISTED} l GROUP BY l.status ORDER BY l.status",
        practice, day,
    )  # fmt: skip
    waiting = sum(int(row["waiting"]) for row in counted if row["status"] in _NORMALLY)
    return [
        {"name": "practice", "valueReference": await reference_of(connection, practice)},
        {"name": "date", "valueDate": date_of(day).isoformat()},
        register_check(figures, date_of(day)),
        await unplanned_admissions_check(connection, practice, day, figures.size),
        *({"name": "status", "part": [{"name": "status", "valueCode": row["status"]},
                                      {"name": "count", "valueInteger": row["people"]}]} for row in counted),
        {"name": "awaiting-mdt-review", "valueInteger": waiting},
        *source_parts(figures),
        *caseload_parts(*await caseloads(connection, practice, day), people=False),
        *await query_parts(connection, practice),
        *await sign_off_parts(connection, practice),
    ]  # fmt: skip


async def _entries(connection: Connection, seen: Seen, rows: list[Row]) -> list[dict[str, Any]]:
    patients = [row["patient"] for row in rows]
    kept = await sources_of(connection, seen.practice.code, patients)
    by_lists = await sources_by_lists(connection, patients)
    assigned = await assignments_of(connection, seen.practice.code, patients)
    shown = []
    for row in rows:
        patient, parts = row["patient"], _standing(row)
        parts += [_source(each) for each in kept.get(patient, ())]
        # Whoever is on both registers stands here once with both sources; whom no run has found, with those of lists.
        missing = {UNPLANNED_ADMISSIONS_REGISTER} if row["since_day"] is not None else by_lists[patient].keys()
        missing = missing - {each["source"] for each in kept.get(patient, ())}
        parts += [_by_list(each, by_lists[patient][each]) for each in sorted(missing & by_lists[patient].keys())]
        if patient in assigned:
            reference = {"reference": assigned[patient].professional}
            parts.append({"name": "professional", "valueReference": reference})
        shown.append({"name": "entry", "part": parts})
    return shown


def _standing(row: Row) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{row['patient']}"}},
        {"name": "status", "valueCode": row["status"]},
        {"name": "rank", "valueInteger": row["rank"]},
    ]
    if row["since_day"] is not None:
        parts.append({"name": "since", "valueDate": date_of(row["since_day"]).isoformat()})
    if row["reason"] is not None:
        parts.append({"name": "reason", "valueString": row["reason"]})
    if row["status"] in _NORMALLY:
        parts.append({"name": "mdtReview", "valueCode": "awaiting" if row["meeting"] is None else "held"})
    if row["meeting"] is not None:
        parts.append({"name": "meeting", "valueReference": {"reference": row["meeting"]}})
    return parts


def _source(row: Row) -> dict[str, Any]:
    parts = [_code(row["source"]), {"name": "date", "valueDate": date_of(row["day"]).isoformat()}]
    if row["detail"] is not None:
        parts.append({"name": "detail", "valueString": row["detail"]})
    if row["evidence_json"] is not None:
        parts += [as_parameter("evidence", evidence_parts(each)) for each in decode(bytes(row["evidence_json"]))]
    return {"name": "source", "part": parts}


def _by_list(source: str, since: str) -> dict[str, Any]:
    return {"name": "source", "part": [_code(source), {"name": "date", "valueDate": since}]}


def _code(source: str) -> dict[str, Any]:
    return {"name": "source", "valueCode": source}
