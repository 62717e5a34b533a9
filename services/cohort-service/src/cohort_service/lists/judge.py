"""`Group/{id}/$judge` and `Group/$judge`: a clinician adds, takes off, or moves a person up or down a list.

SMR-002, AC-037, AC-039. Whoever may see the person's record may judge; whose word it is stands beside it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, cast

from cohort_service.catalogue.current import current_selection
from cohort_service.domain.judgement import DECISIONS, Decision, Judgement, faults, in_force
from cohort_service.facts.person_rows import person_numbers
from cohort_service.lists.current_evidence import evidence_shown
from cohort_service.lists.evaluation import evaluate_people
from cohort_service.lists.group_access import cohort_group, is_in_view, person_in_care
from cohort_service.lists.groups import group_id
from cohort_service.lists.in_force import definition_for
from cohort_service.lists.judgement_rows import judgements_of, keep_judgement
from cohort_service.lists.membership_extension import as_parameter, membership
from cohort_service.lists.people import ListedPerson, people_held
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import one_of, optional_end, optional_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import Parameter, answer
from tandem.fhir.request import FhirResponse
from tandem.fhir.store import load
from tandem.identity.audit import record
from tandem.london_days import day_number, london_date

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_AUTHOR = re.compile(r"(Practitioner|PractitionerRole)/[A-Za-z0-9\-.]{1,64}")


async def judge(call: OperationCall) -> FhirResponse:
    """Judge a person of the practice whose Group this is; see `judge_in_cohort`."""
    async with call.kernel.database.transaction() as connection:
        group = await cohort_group(call, connection)
        patient = await person_in_care(call, connection, group.practice)
        return await _judge(call, connection, group.cohort, patient)


async def judge_in_cohort(call: OperationCall) -> FhirResponse:
    """Judge a person wherever they are registered; parameter `cohort` names the list.

    Parameters `patient`, `decision` (add, remove, amenable, not-amenable, clear), `reason`, `reasonCode` (Coding),
    `tool`, `expiry` (the first date on which it no longer counts), `author` (Practitioner; not needed when the token
    names the user). Answers Parameters with how the person stands then. Raises FhirError 400, 404, and 422 without a
    reason, for an author who is not known, for an expiry that has passed, and for a person who has died or left.
    """
    async with call.kernel.database.transaction() as connection:
        patient, cohort = await person_in_care(call, connection), optional_text(call, "cohort")
        if cohort is not None and not await is_in_view(call, connection, cohort):
            raise FhirError(Kind.NOT_FOUND, "There is no such list among the services that this user leads")
        return await _judge(call, connection, cohort, patient)


async def _judge(call: OperationCall, connection: Connection, cohort: str | None, patient: str) -> FhirResponse:
    now = call.kernel.clock.now()
    # Nothing may have been recorded of the person yet.
    number = (await person_numbers(connection, [patient]))[patient]
    [person] = await people_held(connection, [number], day_number(london_date(now)))
    await _check_cohort(connection, cohort, person, london_date(now))
    assert cohort is not None, "checked"
    earlier = (await judgements_of(connection, [patient])).get((cohort, patient), [])
    judgement = await _judgement(call, connection, 1 + len(earlier))
    await keep_judgement(connection, cohort, patient, judgement)
    await evaluate_people(work_of(call, connection, now), [number])
    entry = audit_entry(
        call.request, "$judge", to_micros(now), resource_type="Group",
        resource_id=call.id or (group_id(cohort, person.practice) if person.practice else None), patient=patient,
    )  # fmt: skip
    await record(connection, [entry])
    return answer(await _outcome(connection, cohort, person, [*earlier, judgement], london_date(now)))


async def _check_cohort(connection: Connection, cohort: str | None, person: ListedPerson, as_of: date) -> None:
    if person.gone is not None:
        raise FhirError(Kind.BUSINESS_RULE, "The person has died or is no longer registered, so is on no list")
    selection = await current_selection(connection, as_of)
    if cohort is None or definition_for(selection, cohort, person.practice, as_of) is None:
        text = "cohort is the id of a cohort that is in force for the person's practice and kept as a list"
        raise FhirError(Kind.BUSINESS_RULE, text)


async def _judgement(call: OperationCall, connection: Connection, number: int) -> Judgement:
    now = call.kernel.clock.now()
    expiry, code = optional_end(call, "expiry"), call.one("reasonCode")
    if code is not None and not (isinstance(code, dict) and code.get("system") and code.get("code")):
        raise FhirError(Kind.BAD_REQUEST, "reasonCode is a Coding with system and code", expression="reasonCode")
    judgement = Judgement(
        number, cast(Decision, one_of(call, "decision", DECISIONS, "")), optional_text(call, "reason") or "",
        await _author(call, connection), call.request.caller.organisation, to_micros(now), code,
        optional_text(call, "tool"), day_number(expiry) if expiry is not None else None,
    )  # fmt: skip
    found = [Issue(each) for each in faults(judgement, day_number(london_date(now)))]
    if found:
        raise FhirError(Kind.BUSINESS_RULE, issues=found)
    return judgement


async def _author(call: OperationCall, connection: Connection) -> str:
    """The user of the token, else who is named and known here."""
    user, named = call.request.caller.user, call.one("author")
    reference = named.get("reference") if isinstance(named, dict) else named
    if user is not None:
        if reference not in (None, user):
            raise FhirError(
                Kind.BUSINESS_RULE, "The token names the user, so author can be nobody else", expression="author"
            )
        return user
    if not isinstance(reference, str) or _AUTHOR.fullmatch(reference) is None:
        raise FhirError(
            Kind.BUSINESS_RULE,
            "Say whose judgement it is: author is a reference to a Practitioner or PractitionerRole",
            expression="author",
        )
    kind, _, identity = reference.partition("/")
    held = await load(connection, kind, identity)
    if held is None or held.deleted:
        raise FhirError(Kind.BUSINESS_RULE, "The author is not known here", expression="author")
    return reference


async def _outcome(
    connection: Connection, cohort: str, person: ListedPerson, judgements: list[Judgement], as_of: date
) -> list[Parameter]:
    row = await connection.fetchrow(
        "SELECT * FROM group_member WHERE cohort = $1 AND patient = $2 ORDER BY number DESC LIMIT 1",
        cohort, person.patient,
    )  # fmt: skip
    parameters: list[Parameter] = [
        {"name": "patient", "valueReference": {"reference": f"Patient/{person.patient}"}},
        {"name": "member", "valueBoolean": row is not None and row["until"] is None},
    ]
    if person.practice is not None:
        group = f"Group/{group_id(cohort, person.practice)}"
        parameters.append({"name": "group", "valueReference": {"reference": group}})
    if row is not None:
        words = in_force(judgements, day_number(as_of))
        shown = await evidence_shown(connection, await current_selection(connection, as_of), as_of, [row])
        [records] = shown.values()
        parameters.append(as_parameter("membership", membership(row, records, words, None, cohort=True)["extension"]))
    return parameters
