"""`POST Organization/{practice}/$load-unplanned-admissions-register`: who is on the AUA case register (PCPC-028)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from cohort_service.case_register.access import Seen, register_to_change
from cohort_service.case_register.asked import person_of
from cohort_service.domain.case_register.enrolment import ended, enrolled, enrolment_id
from cohort_service.lists.group_access import may_see
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import date_of, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall
    from tandem.service import Work

_MOST = 2_000


async def load_unplanned_admissions_register(call: OperationCall) -> FhirResponse:
    """Takes the whole register as `person` parameters with the parts `patient` (Reference, by id or NHS number) and
    `since` (a day, not required). Who was loaded before and is not named comes off it.

    Answers `loaded`, `ended`, and `unmatched`: the numbers of the rows that name nobody in the caller's care, which
    does not tell whether such a person exists. Raises FhirError 400, 403, 404, 413, 422.
    """
    rows = rows_asked(call, "person")
    if len(rows) > _MOST:
        raise FhirError(Kind.TOO_LARGE, f"A register is at most {_MOST} people")
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        seen = await register_to_change(call, connection)
        named, unmatched = await _named(call, connection, seen, rows)
        refuse_faults(rows)
        work = work_of(call, connection, now)
        for patient, since in sorted(named.items()):
            held = await work.read("EpisodeOfCare", enrolment_id(patient))
            await work.put(enrolled(held, patient, f"Organization/{seen.practice.id}", since, london_date(now)))
        gone = await _end_others(work, seen.practice.code, set(named), london_date(now))
        await record(connection, [
            audit_entry(call.request, "$load-unplanned-admissions-register", to_micros(now),
                        resource_type="Organization", resource_id=call.id, patient=each)
            for each in sorted({*named, *gone})
        ])  # fmt: skip
    shown: list[dict[str, Any]] = [
        {"name": "loaded", "valueInteger": len(named)}, {"name": "ended", "valueInteger": len(gone)},
    ]  # fmt: skip
    return answer([*shown, *({"name": "unmatched", "valueInteger": line} for line in unmatched)])


async def _named(
    call: OperationCall, connection: Connection, seen: Seen, rows: list[Part]
) -> tuple[dict[str, date | None], list[int]]:
    named: dict[str, date | None] = {}
    unmatched: list[int] = []
    for line, row in enumerate(rows, start=1):
        value, since = row.one("patient", "a Reference to the Patient"), row.day("since", required=False)
        if since is not None and since > seen.day:
            row.fault("since", "since is a day that has been")
        patient = await person_of(connection, row, value) if value is not None else None
        if row.issues:
            continue
        registered = await connection.fetchval("SELECT practice FROM patient WHERE id = $1 AND deleted = 0", patient)
        if patient is not None and registered == seen.practice.code and await may_see(call, connection, patient):
            named[patient] = date_of(since) if since is not None else None
        else:
            unmatched.append(line)
    return named, unmatched


async def _end_others(work: Work, practice: str, named: set[str], on: date) -> list[str]:
    rows = await work.connection.fetch(
        "SELECT r.id, r.patient FROM resource r JOIN patient p ON p.id = r.patient WHERE r.type = 'EpisodeOfCare'"
        " AND r.deleted = 0 AND p.practice = $1 ORDER BY r.patient",
        practice,
    )
    gone = []
    for row in rows:
        if row["id"] != enrolment_id(row["patient"]) or row["patient"] in named:
            continue
        held = await work.read("EpisodeOfCare", row["id"])
        if held is not None and held["status"] == "active":
            await work.put(ended(held, on))
            gone.append(row["patient"])
    return gone
