"""`Group/{id}/$engagement`: who of a list was contacted, how, and who came; `$record-participation` says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cohort_service.domain.engagement.contact import OUTCOMES
from cohort_service.engagement.contact_rows import KeptContact, Outcome, contacts_with, outcomes_of
from cohort_service.lists.group_access import cohort_group, person_in_care, seen_people
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import one_of, optional_day, optional_text, page
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.london_days import date_of, day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall



async def engagement(call: OperationCall) -> FhirResponse:
    """Parameters with `member` for each person on the list: every `contact` about it and every `outcome`.

    `contacted` and `attended` count these people in all. Parameters `_count`, `_offset`. Raises FhirError 400, 404.
    """
    count, offset = page(call)
    async with call.kernel.database.read() as connection:
        group = await cohort_group(call, connection)
        params: list[Any] = [group.cohort, group.practice]
        listed = (
            "FROM group_member m JOIN patient p ON p.id = m.patient AND p.deleted = 0 WHERE m.until IS NULL"
            f" AND m.cohort = $1 AND p.practice = $2 AND {seen_people(call, 'm', params)}"
        )
        rows = await connection.fetch(
            f"SELECT m.patient {listed} ORDER BY m.priority DESC, m.rank DESC, m.since, m.patient"
            f" LIMIT {count} OFFSET {offset}", *params,
        )  # fmt: skip
        total = await connection.fetchval(f"SELECT COUNT(*) {listed}", *params)
        params.append(group.id)
        contacted = await connection.fetchval(
            f"SELECT COUNT(*) {listed} AND EXISTS (SELECT 1 FROM engagement_contact c WHERE c.patient = m.patient"
            f" AND c.list = ${len(params)} AND c.day IS NOT NULL)", *params,
        )  # fmt: skip
        attended = await connection.fetchval(
            f"SELECT COUNT(*) {listed} AND EXISTS (SELECT 1 FROM engagement_outcome o WHERE o.patient = m.patient"
            " AND o.cohort = $1 AND o.outcome = 'attended')", *params[:-1],
        )  # fmt: skip
        patients = [row["patient"] for row in rows]
        contacts, outcomes = await contacts_with(connection, patients), await outcomes_of(connection, patients)
    now = to_micros(call.kernel.clock.now())
    await audit_reads(call.kernel.database, call.request, "$engagement", "Group", set(patients), now)
    counts: list[Parameter] = [
        {"name": "members", "valueInteger": total}, {"name": "contacted", "valueInteger": contacted},
        {"name": "attended", "valueInteger": attended},
    ]  # fmt: skip
    return answer([*counts, *(
        {"name": "member", "part": [
            {"name": "patient", "valueReference": {"reference": f"Patient/{each}"}},
            *contact_parts(contacts.get((group.id, each), ())), *outcome_parts(outcomes.get((group.cohort, each), ())),
        ]}
        for each in patients
    )])  # fmt: skip


async def record_participation(call: OperationCall) -> FhirResponse:
    """Record for `patient`, who is on the list, the `outcome` (attended, declined, did-not-attend) on `date` (today).

    `text` says more. Raises FhirError 400, 404, and 422 for a person who is not on the list or a date to come.
    """
    now = call.kernel.clock.now()
    outcome, said = one_of(call, "outcome", OUTCOMES, ""), optional_text(call, "text")
    on = optional_day(call, "date") or london_date(now)
    if on > london_date(now):
        raise FhirError(Kind.BUSINESS_RULE, "date lies in the future", expression="date")
    if said is not None and len(said) > 2000:
        raise FhirError(Kind.BUSINESS_RULE, "text has at most 2000 characters", expression="text")
    caller = call.request.caller
    async with call.kernel.database.transaction() as connection:
        group = await cohort_group(call, connection)
        patient = await person_in_care(call, connection, group.practice)
        member = await connection.fetchval(
            "SELECT 1 FROM group_member WHERE cohort = $1 AND patient = $2 AND until IS NULL", group.cohort, patient
        )
        if member is None:
            raise FhirError(Kind.BUSINESS_RULE, "The person is not on this list")
        await connection.execute(
            "INSERT INTO engagement_outcome (id, cohort, patient, outcome, day, text, author, organisation, at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            call.kernel.ids.new(), group.cohort, patient, outcome, day_number(on), said,
            caller.user or caller.organisation, caller.organisation, to_micros(now),
        )  # fmt: skip
        outcomes = (await outcomes_of(connection, [patient]))[group.cohort, patient]
        await record(connection, [audit_entry(
            call.request, "$record-participation", to_micros(now), resource_type="Group", resource_id=group.id,
            patient=patient,
        )])  # fmt: skip
    person = {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}}
    return answer([person, *outcome_parts(outcomes)])


def contact_parts(contacts: Iterable[KeptContact]) -> list[Parameter]:
    """One `contact` each: the Communication, the channel and the date."""
    return [
        {"name": "contact", "part": [
            {"name": "communication", "valueReference": {"reference": f"Communication/{each.communication}"}},
            {"name": "channel", "valueCode": each.channel},
            {"name": "date", "valueDate": date_of(each.day).isoformat()},
        ]}
        for each in contacts
    ]  # fmt: skip


def outcome_parts(outcomes: Iterable[Outcome]) -> list[Parameter]:
    """One `outcome` each, with its date and text."""
    return [
        {"name": "outcome", "part": [
            {"name": "outcome", "valueCode": each.outcome},
            {"name": "date", "valueDate": date_of(each.day).isoformat()},
            *([{"name": "text", "valueString": each.text}] if each.text is not None else []),
        ]}
        for each in outcomes
    ]  # fmt: skip
