"""`POST Group/{id}/$invite`: letters for one person, or for the next of a list in the order of offer (SMR-033).

The letter itself is made and kept by mdt-service, as a Communication under the id that is answered here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cohort_service.domain.invitations.communication_needs import communication_needs
from cohort_service.domain.invitations.letter_request import letter_request, practice_words
from cohort_service.domain.invitations.letters import LETTERS, LetterOfService
from cohort_service.domain.invitations.progress import Step, may_be_invited
from cohort_service.invitations.listed_people import ListedPeople
from cohort_service.invitations.service_of_list import service_of_cohort
from cohort_service.invitations.step_rows import Author, hold_offers, keep_step, next_number, steps_of
from cohort_service.lists.group_access import CohortGroup, cohort_group, person_in_care
from cohort_service.networks.organisations import reference_of
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, decode
from tandem.fhir.operation_parameters import flag, whole_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.store import load
from tandem.identity.audit import record
from tandem.ids import deterministic_id
from tandem.london_days import day_of
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

REQUESTED = "tandem.communication.requested"
_MOST = 200
"""Letters that one call asks for."""


async def invite(call: OperationCall) -> FhirResponse:
    """Ask for letters: for `patient`, or for the `next` n people who were offered nothing yet.

    `again=true` lets somebody be written to who was offered it before. Answers how many `letters`, and an `invitation`
    (`patient`, `communication`) for each. Raises FhirError 400, 404, and 422 for a list nobody is invited from, for a
    person who is not on it, and for one who has a letter or an answer already.
    """
    wanted = whole_number(call, "next", 0)
    if (wanted == 0) == (call.one("patient") is None) or wanted > _MOST:
        raise FhirError(Kind.BAD_REQUEST, f"Give patient, or next: a number from 1 to {_MOST}", expression="patient")
    now = call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        group = await cohort_group(call, connection)
        service = await service_of_cohort(connection, group.cohort, now)
        letter = LETTERS.get(service) if service is not None else None
        if service is None or letter is None:
            raise FhirError(Kind.BUSINESS_RULE, f"There are letters for the lists of {', '.join(sorted(LETTERS))} only")
        people = await _people(call, connection, group, service, wanted)
        work, practice = work_of(call, connection, now), await _practice(connection, group.practice)
        invited = [
            (patient, await _ask_for_letter(call, work, group, service, letter, practice, patient))
            for patient in people
        ]
        entries = [
            audit_entry(call.request, "$invite", to_micros(now), resource_type="Group", resource_id=group.id,
                        patient=patient)
            for patient in people or (None,)
        ]  # fmt: skip
        await record(connection, entries)
    return answer([
        {"name": "letters", "valueInteger": len(invited)},
        *({"name": "invitation", "part": [
            {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}},
            {"name": "communication", "valueReference": {"reference": f"Communication/{communication}"}},
        ]}
        for patient, communication in invited),
    ])  # fmt: skip


async def _people(
    call: OperationCall, connection: Connection, group: CohortGroup, service: str, wanted: int
) -> list[str]:
    """Whom to write to; held, and checked once more since somebody else may have written to them meanwhile."""
    again = flag(call, "again")
    if wanted:
        listed = ListedPeople(call, connection, service, [group.cohort], [group.practice])
        found = [row["patient"] for row in await listed.with_status("not-offered", wanted, 0)]
    else:
        found = [await _named(call, connection, group)]
    kept = []
    # In one order, so that two calls that name the same people do not wait for each other both ways.
    for patient in sorted(found):
        await hold_offers(connection, patient)
        refusal = may_be_invited(await steps_of(connection, service, patient), again=again and not wanted)
        if refusal is None:
            kept.append(patient)
        elif not wanted:
            raise FhirError(Kind.BUSINESS_RULE, refusal)
    return [patient for patient in found if patient in kept]


async def _named(call: OperationCall, connection: Connection, group: CohortGroup) -> str:
    patient = await person_in_care(call, connection, group.practice)
    member = await connection.fetchval(
        "SELECT 1 FROM group_member WHERE cohort = $1 AND patient = $2 AND until IS NULL", group.cohort, patient
    )
    if member is None:
        raise FhirError(
            Kind.BUSINESS_RULE,
            "The person is not on this list; whoever ought to be is added by $judge",
            expression="patient",
        )
    return patient


async def _practice(connection: Connection, code: str) -> dict[str, Any]:
    identity = await connection.fetchval(
        "SELECT id FROM organisation WHERE code = $1 AND active = 1 ORDER BY id LIMIT 1", code
    )
    organization = await _held(connection, "Organization", identity) if identity is not None else None
    return practice_words(organization, await reference_of(connection, code))


async def _ask_for_letter(
    call: OperationCall, work: Work, group: CohortGroup, service: str, letter: LetterOfService,
    practice: dict[str, Any], patient: str,
) -> str:  # fmt: skip
    connection, caller = work.connection, call.request.caller
    person = await _held(connection, "Patient", patient)
    if person is None:
        raise FhirError(Kind.NOT_FOUND, "There is no such person in your care")
    steps = await steps_of(connection, service, patient)
    letters = [each for each in steps if each.communication is not None]
    communication = deterministic_id("Communication", "invitation", service, patient, str(1 + len(letters)))
    needs = communication_needs(person, await work.find("Flag", f"patient=Patient/{patient}"), work.now)
    step = Step(communication, "letter-requested", day_of(work.now), next_number(steps), communication)
    author = Author(caller.user or caller.organisation, caller.organisation)
    await keep_step(connection, service, patient, step, author, to_micros(work.now))
    asked = letter_request(communication, letter, group.id, practice, person, needs, work.now)
    await work.emit(REQUESTED, asked, key=communication, patient=patient)
    return communication


async def _held(connection: Connection, kind: str, identity: str) -> Resource | None:
    stored = await load(connection, kind, identity)
    return decode(stored.body) if stored is not None and stored.body is not None else None
