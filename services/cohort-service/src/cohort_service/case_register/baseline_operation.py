"""`Organization/{practice}/$case-register-baseline`: the information a practice gives before delivery (003 appendix 2).

A return holds what is known on its day and is never changed; another one has another number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.case_register.access import Seen, hold_register, must_write, register_seen
from cohort_service.case_register.announcements import say_returned
from cohort_service.case_register.baseline_rows import contacts_in, keep_return, return_of
from cohort_service.case_register.entry_rows import people_on_register
from cohort_service.case_register.figures import figures_of, register_check, source_parts
from cohort_service.case_register.professionals import caseload_parts, caseloads
from cohort_service.case_register.sign_off_rows import sign_offs_of
from cohort_service.domain.case_register.baseline import KEPT_ELSEWHERE, STATED, Field, last_whole_year
from cohort_service.domain.facts.encounters import EMERGENCY_ATTENDANCE, UNPLANNED_ADMISSION
from cohort_service.networks.organisations import reference_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import only, whole_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.statement_parameter import statement
from tandem.identity.audit import record
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_CONTACTS = (
    ("emergencyAttendances", "A&E attendances", EMERGENCY_ATTENDANCE),
    ("emergencyAdmissions", "Emergency admissions", UNPLANNED_ADMISSION),
)


async def case_register_baseline(call: OperationCall) -> FhirResponse:
    """GET answers the newest return, or that with `number`. POST by the practice makes one: statements by the names of
    `STATED`, each not required, beside what is known here.

    Each `field` has `name`, `place` (in the appendix), `state` (known, stated, not-stated, kept-elsewhere) and its
    value. Nobody is named but staff. Raises FhirError 400, 403, 404, 422 for a statement that names a person.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, [each.name for each in STATED])
    stated = {each.name: statement(call, each.name) for each in STATED}
    at = call.kernel.clock.now()
    now = to_micros(at)
    async with call.kernel.database.transaction() as connection:
        seen = await register_seen(call, connection)
        must_write(call, seen.own, "the practice")
        await hold_register(connection, seen.practice.code)
        body = await _known(connection, seen)
        body += [_stated(each, stated[each.name]) for each in STATED]
        body += [_field(each, "kept-elsewhere", {"name": "keptBy", "valueString": each.kept_by})
                 for each in KEPT_ELSEWHERE]  # fmt: skip
        by = call.request.caller.organisation
        number = await keep_return(connection, seen.practice.code, seen.day, body, by, now)
        await say_returned(work_of(call, connection, at), seen.practice.code, number, seen.day, body)
        entry = audit_entry(
            call.request, "$case-register-baseline", now, resource_type="Organization", resource_id=call.id
        )
        await record(connection, [entry])
    return answer([{"name": "number", "valueInteger": number}, *body])


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("number",))
    number = whole_number(call, "number", 0) if call.one("number") is not None else None
    async with call.kernel.database.read() as connection:
        seen = await register_seen(call, connection)
        held = await return_of(connection, seen.practice.code, number)
    if held is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such baseline return of this practice")
    now = to_micros(call.kernel.clock.now())
    await audit_reads(
        call.kernel.database, call.request, "$case-register-baseline", "Organization", set(), now, resource_id=call.id
    )
    return answer([{"name": "number", "valueInteger": held[0]}, *held[1]])


async def _known(connection: Connection, seen: Seen) -> list[dict[str, Any]]:
    practice, day = seen.practice.code, date_of(seen.day)
    figures = await figures_of(connection, practice, seen.day)
    people = await people_on_register(connection, practice, seen.day)
    signed = [each.version for each in await sign_offs_of(connection, practice) if each.state == "agreed"]
    year = last_whole_year(day)
    found: list[dict[str, Any]] = [
        {"name": "practice", "valueReference": await reference_of(connection, practice)},
        {"name": "date", "valueDate": day.isoformat()},
        _field(Field("definedList", "1", "A defined list of patients"), "known",
               {"name": "value", "valueBoolean": bool(people)}, register_check(figures, day), *source_parts(figures),
               *({"name": "signedOffVersion", "valueInteger": each} for each in signed[:1])),
        _field(Field("namedProfessionals", "3", "Named professionals and their job titles"), "known",
               *caseload_parts(*await caseloads(connection, practice, seen.day), people=False)),
        _field(Field("peopleOnRegister", "3", "People on the proposed case register"), "known",
               {"name": "value", "valueInteger": len(people)}),
    ]  # fmt: skip
    for name, text, kind in _CONTACTS:
        count = await contacts_in(connection, people, kind, year)
        found.append(_field(
            Field(name, "3", f"{text} of these people in {year.name}, as recorded here"), "known",
            {"name": "value", "valueInteger": count},
            {"name": "period", "valuePeriod": {"start": year.first.isoformat(), "end": year.last.isoformat()}},
        ))  # fmt: skip
    return found


def _stated(field: Field, said: str | None) -> dict[str, Any]:
    if said is None:
        return _field(field, "not-stated")
    return _field(field, "stated", {"name": "value", "valueString": said})


def _field(field: Field, state: str, *more: dict[str, Any]) -> dict[str, Any]:
    return {"name": "field", "part": [
        {"name": "name", "valueCode": field.name}, {"name": "place", "valueString": field.place},
        {"name": "text", "valueString": field.text}, {"name": "state", "valueCode": state}, *more,
    ]}  # fmt: skip
