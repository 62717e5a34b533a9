"""`Group/{id}/$assign` and `Group/{id}/$caseload`: the named professional of each person on the register."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cohort_service.case_register.access import hold_register, must_write, register_of_group
from cohort_service.case_register.announcements import say_named
from cohort_service.case_register.entry_rows import people_on_register
from cohort_service.case_register.professional_rows import Assignment, hand_over, history_of
from cohort_service.case_register.professionals import caseload_parts, caseloads
from cohort_service.lists.group_access import may_see, person_in_care
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import only, optional_day
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.store import load
from tandem.identity.audit import record
from tandem.london_days import date_of, day_number

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PROFESSIONAL = re.compile(r"(Practitioner|PractitionerRole)/[A-Za-z0-9\-.]{1,64}")


async def assign(call: OperationCall) -> FhirResponse:
    """Parameters `patient`, `professional` (Reference to a Practitioner or PractitionerRole that is held here) and
    `from` (a day up to today; else today). A handover ends the one before on the day before.

    Answers every `assignment` of the person. Raises FhirError 400, 404, and 422 for somebody who is not on the
    register, a professional who is not known, and a day before the last handover.
    """
    only(call, ("patient", "professional", "from"))
    given, now = optional_day(call, "from"), call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        seen = await register_of_group(call, connection)
        must_write(call, seen.people, "the practice or its network")
        await hold_register(connection, seen.practice.code)
        patient = await person_in_care(call, connection, seen.practice.code)
        professional = await _professional(call, connection)
        if patient not in await people_on_register(connection, seen.practice.code, seen.day):
            raise FhirError(
                Kind.BUSINESS_RULE, "The person is not on the case register of the practice", expression="patient"
            )
        first = day_number(given) if given is not None else seen.day
        history = await history_of(connection, seen.practice.code, patient)
        _check_day(history, first, seen.day)
        if not history or history[-1].professional != professional:
            by = call.request.caller.organisation
            await hand_over(connection, seen.practice.code, patient, professional, first, by, to_micros(now))
            history = await history_of(connection, seen.practice.code, patient)
            await say_named(work_of(call, connection, now), seen.practice.code, patient, history)
        entry = audit_entry(
            call.request, "$assign", to_micros(now), resource_type="Group", resource_id=call.id, patient=patient
        )
        await record(connection, [entry])
    return answer([_shown(each) for each in history])


async def caseload(call: OperationCall) -> FhirResponse:
    """A `professional` for each with `title`, `count` and the people; `without-professional` are those without one.

    People whose records the caller may not see are left out. Raises FhirError 404.
    """
    only(call, ())
    async with call.kernel.database.read() as connection:
        seen = await register_of_group(call, connection)
        found, without = await caseloads(connection, seen.practice.code, seen.day)
        for each in found:
            each.people[:] = [one for one in each.people if await may_see(call, connection, one)]
        without = [one for one in without if await may_see(call, connection, one)]
    told = {one for each in found for one in each.people} | set(without)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$caseload", "Group", {*told}, now, resource_id=call.id)
    return answer(caseload_parts([each for each in found if each.people], without, people=True))


def _check_day(history: list[Assignment], first: int, today: int) -> None:
    if first > today:
        raise FhirError(Kind.BUSINESS_RULE, "from is a day that has been", expression="from")
    if history and first < history[-1].first_day:
        raise FhirError(Kind.BUSINESS_RULE, "from lies before the last handover", expression="from")


async def _professional(call: OperationCall, connection: Connection) -> str:
    value: Any = call.one("professional")
    reference = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(reference, str) or _PROFESSIONAL.fullmatch(reference) is None:
        raise FhirError(
            Kind.BAD_REQUEST,
            "professional is a Reference to a Practitioner or PractitionerRole",
            expression="professional",
        )
    kind, _, identity = reference.partition("/")
    held = await load(connection, kind, identity)
    if held is None or held.deleted:
        raise FhirError(Kind.BUSINESS_RULE, "The professional is not known here", expression="professional")
    return reference


def _shown(each: Assignment) -> dict[str, Any]:
    period = {"start": date_of(each.first_day).isoformat()}
    if each.last_day is not None:
        period["end"] = date_of(each.last_day).isoformat()
    return {"name": "assignment", "part": [
        {"name": "professional", "valueReference": {"reference": each.professional}},
        {"name": "period", "valuePeriod": period},
    ]}  # fmt: skip
