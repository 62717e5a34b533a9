"""`Organization/{practice}/$case-register-sign-off`: "Care Co-ordination Register signed off with CCG" (003 §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.case_register.access import Seen, hold_register, must_see_people, must_write, register_seen
from cohort_service.case_register.announcements import say_decided
from cohort_service.case_register.figures import figures_of, register_check, source_parts
from cohort_service.case_register.query_rows import queries_of
from cohort_service.case_register.sign_off_rows import SignOff, decide, entries_of, request, sign_offs_of
from cohort_service.domain.case_register.sign_off import Compiled, faults_of_agreement, faults_of_request
from cohort_service.lists.group_access import may_see
from cohort_service.networks.organisations import reference_of
from cohort_service.networks.profile_rows import newest_profile
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import one_of, only, whole_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.statement_parameter import statement
from tandem.identity.audit import record
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STATES = {"agree": "agreed", "return": "returned"}


async def case_register_sign_off(call: OperationCall) -> FhirResponse:
    """GET answers every version; with `version` also who was on it, for the practice and its network.

    POST by the practice requests sign-off of the register as it stands; `profileUse` says how the practice profile was
    used (PCPC-024). POST by the commissioner decides on `version`: `decision` agree, or return with a `reason`.

    Raises FhirError 400, 403, 404 also for a version there is not, 409 while another version waits or this one does
    not, 422 with every reason why it is refused.
    """
    if call.request.method == "GET":
        return await _read(call)
    only(call, ("profileUse", "version", "decision", "reason"))
    now = to_micros(call.kernel.clock.now())
    async with call.kernel.database.transaction() as connection:
        seen = await register_seen(call, connection)
        # Two requests, or a request and a query, at once: whoever is second sees what the first wrote.
        await hold_register(connection, seen.practice.code)
        if call.one("decision") is None:
            await _request(call, connection, seen)
        else:
            await _decide(call, connection, seen)
        entry = audit_entry(
            call.request, "$case-register-sign-off", now, resource_type="Organization", resource_id=call.id
        )
        await record(connection, [entry])
        return answer(await sign_off_parts(connection, seen.practice.code))


async def sign_off_parts(connection: Connection, practice: str) -> list[dict[str, Any]]:
    """A `sign-off` for each version, the newest first: state, statement, figures of its day, who and when."""
    shown = []
    for each in await sign_offs_of(connection, practice):
        parts: list[dict[str, Any]] = [
            {"name": "version", "valueInteger": each.version},
            {"name": "state", "valueCode": each.state},
            {"name": "profileUse", "valueString": each.profile_use},
            {"name": "requested", "valueDate": date_of(each.requested_day).isoformat()},
            {"name": "requestedBy", "valueReference": await reference_of(connection, each.requested_by)},
        ]
        if each.decided_day is not None and each.decided_by is not None:
            parts += [
                {"name": "decided", "valueDate": date_of(each.decided_day).isoformat()},
                {"name": "decidedBy", "valueReference": await reference_of(connection, each.decided_by)},
            ]
        if each.reason is not None:
            parts.append({"name": "reason", "valueString": each.reason})
        shown.append({"name": "sign-off", "part": [*parts, *each.figures]})
    return shown


async def _request(call: OperationCall, connection: Connection, seen: Seen) -> None:
    must_write(call, seen.own, "the practice")
    practice, profile_use = seen.practice.code, statement(call, "profileUse")
    if any(call.one(name) is not None for name in ("version", "reason")):
        raise FhirError(Kind.BAD_REQUEST, "A request has the parameter profileUse alone", expression="profileUse")
    figures = await figures_of(connection, practice, seen.day)
    faults = faults_of_request(
        Compiled(len(figures.people), figures.sources, await _open_queries(connection, practice)), profile_use
    )
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(each) for each in faults])
    earlier = await sign_offs_of(connection, practice)
    if any(each.state == "requested" for each in earlier):
        raise FhirError(Kind.CONFLICT, "A version of the register waits for the commissioner")
    shown = [register_check(figures, date_of(seen.day)), *source_parts(figures)]
    profile = await newest_profile(connection, practice, seen.day)
    if profile is not None:
        shown.append({"name": "profileDate", "valueDate": date_of(profile.day).isoformat()})
    await request(connection, practice, SignOff(
        len(earlier) + 1, "requested", profile_use or "", shown, seen.day, call.request.caller.organisation
    ), figures.people)  # fmt: skip


async def _decide(call: OperationCall, connection: Connection, seen: Seen) -> None:
    must_write(call, seen.commissions, "the commissioner")
    if call.one("profileUse") is not None:
        raise FhirError(Kind.BAD_REQUEST, "profileUse is the practice's statement", expression="profileUse")
    state = _STATES[one_of(call, "decision", tuple(_STATES), "")]
    version, reason, practice = whole_number(call, "version", 0), statement(call, "reason"), seen.practice.code
    if state == "returned" and reason is None:
        raise FhirError(Kind.BUSINESS_RULE, "Give the reason why the register is returned", expression="reason")
    if all(each.version != version for each in await sign_offs_of(connection, practice)):
        raise FhirError(Kind.NOT_FOUND, "There is no such version of the register")
    faults = faults_of_agreement(await _open_queries(connection, practice)) if state == "agreed" else []
    if faults:
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(each) for each in faults])
    by = call.request.caller.organisation
    if not await decide(connection, practice, version, state, seen.day, by, reason):
        raise FhirError(Kind.CONFLICT, "This version has been decided on")
    work = work_of(call, connection, call.kernel.clock.now())
    await say_decided(work, practice, version, state, seen.day, by)


async def _open_queries(connection: Connection, practice: str) -> int:
    return sum(each.open for each in await queries_of(connection, practice))


async def _read(call: OperationCall) -> FhirResponse:
    only(call, ("version",))
    version, told = whole_number(call, "version", 0), set[str | None]()
    async with call.kernel.database.read() as connection:
        seen = await register_seen(call, connection)
        shown = await sign_off_parts(connection, seen.practice.code)
        if call.one("version") is not None:
            shown = [each for each in shown if each["part"][0]["valueInteger"] == version]
            if not shown:
                raise FhirError(Kind.NOT_FOUND, "There is no such version of the register")
            must_see_people(seen)
            entries = await entries_of(connection, seen.practice.code, version)
            people = {each: of for each, of in entries.items() if await may_see(call, connection, each)}
            told |= {*people}
            shown += [_entry(patient, sources) for patient, sources in people.items()]
    now = to_micros(call.kernel.clock.now())
    await audit_reads(
        call.kernel.database, call.request, "$case-register-sign-off", "Organization", told, now, resource_id=call.id
    )
    return answer(shown)


def _entry(patient: str, sources: list[str]) -> dict[str, Any]:
    named: list[dict[str, Any]] = [{"name": "source", "valueCode": each} for each in sources]
    return {
        "name": "entry", "part": [{"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}}, *named]
    }  # fmt: skip
