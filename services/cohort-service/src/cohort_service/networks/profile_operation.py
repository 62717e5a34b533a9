"""`Organization/{id}/$practice-profile`: what a commissioner tells a practice of its population (PCPC-023)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.networks.organisations import Organisation, organisation_with_id, reference_of
from cohort_service.networks.profile_event import say_recorded
from cohort_service.networks.profile_rows import Profile, newest_profile, profiles_of, record_profile
from cohort_service.networks.rights import is_commissioner_of, must_record
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.operation_parameters import day_number_or_today, today_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import PRACTICE
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def practice_profile(call: OperationCall) -> FhirResponse:
    """GET, by the practice and its commissioner, answers the newest profile by `date`; POST records one of a `date`.

    A profile is `characteristic` parameters with the parts `name` (text), `code` (Coding, not required), `percent` or
    `count`, and `source` (not required). Posting again for a day replaces it. Raises FhirError 400, 403, 404, 422.
    """
    return await (_record(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    day, caller = day_number_or_today(call), call.request.caller
    async with call.kernel.database.read() as connection:
        practice = await _practice(connection, call.id)
        own = caller.sees_all or caller.organisation == practice.code
        if not own and not await is_commissioner_of(call, connection, practice, day):
            raise FhirError(Kind.NOT_FOUND, "There is nothing here for this organisation")
        held = await newest_profile(connection, practice.code, day)
        if held is None:
            raise FhirError(Kind.NOT_FOUND, "No profile of this practice is recorded by that day")
        author = await reference_of(connection, held.author)
    return answer([
        {"name": "date", "valueDate": date_of(held.day).isoformat()},
        {"name": "author", "valueReference": author},
        *held.body,
    ])  # fmt: skip


async def _record(call: OperationCall) -> FhirResponse:
    rows, day, today = rows_asked(call, "characteristic"), day_number_or_today(call), today_number(call)
    if day > today:
        raise FhirError(Kind.UNPROCESSABLE, "A profile is of a day that has been")
    async with call.kernel.database.transaction() as connection:
        practice = await _practice(connection, call.id)
        await must_record(call, connection, practice, today, itself=False)
        body = [{"name": "characteristic", "part": _characteristic(row)} for row in rows]
        refuse_faults(rows)
        profile = Profile(day, body, call.request.caller.organisation)
        now = call.kernel.clock.now()
        await record_profile(connection, practice.code, profile, to_micros(now))
        profiles = await profiles_of(connection, practice.code)
        await say_recorded(work_of(call, connection, now), practice.code, profiles, call.kernel.ids)
    return answer([{"name": "recorded", "valueInteger": len(rows)}])


async def _practice(connection: Connection, organization_id: str | None) -> Organisation:
    practice = await organisation_with_id(connection, organization_id)
    if practice.kind != PRACTICE:
        raise FhirError(Kind.UNPROCESSABLE, "A profile is about a practice")
    return practice


def _characteristic(row: Part) -> list[dict[str, Any]]:
    name, source = row.text("name"), row.text("source", required=False)
    part: list[dict[str, Any]] = [{"name": "name", "valueString": name}]
    code = row.one("code", "a Coding", required=False)
    if code is not None:
        texts = isinstance(code, dict) and all(isinstance(each, str | bool) for each in code.values())
        if not texts or not code.get("code"):
            row.fault("code", "code is a Coding with a code")
        part.append({"name": "code", "valueCoding": code})
    if not row.all("percent") and not row.all("count"):
        row.fault("percent", "A characteristic has a percent or a count")
    if row.all("percent"):
        part.append({"name": "percent", "valueDecimal": row.number("percent", most=100)})
    if row.all("count"):
        part.append({"name": "count", "valueInteger": row.whole_number("count")})
    if source is not None:
        part.append({"name": "source", "valueString": source})
    return part
