"""`Task/$case-management`: the level of need of a person, contacts, the next review, and how they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.case_management.arrangement_rows import arrange, arrangements_of
from mdt_service.case_management.shipped_policies import need_levels_on
from mdt_service.domain.case_management.arrangement import Arrangement
from mdt_service.meetings.agenda_rows import item_row
from mdt_service.meetings.meeting_rights import sees_person
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import only, short_text, texts, today, whole_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import Parameter, answer, number, parts, reference, text
from tandem.fhir.person_parameter import person_named
from tandem.fhir.reference_parameter import literal_given
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.derivation import hold
from tandem.nhs.staff_kinds import kind_names

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_ASKED = (
    "patient", "level", "review", "contact-days", "contact-minutes", "interval-weeks", "discipline", "agreed-with",
)  # fmt: skip


async def case_management(call: OperationCall) -> FhirResponse:
    """GET: an `arrangement` each, the first first, with its `step` (begun, up, down, unchanged) and `next-review`.

    POST begins another: `patient`, `level`; `review` (the agenda item at which it was decided), `contact-days`,
    `contact-minutes` (else as the level says), `interval-weeks` and `discipline` with `agreed-with` (a Reference to
    the Patient or a RelatedPerson). Raises FhirError 400, 404 for a person one may not see, 422.
    """
    only(call, _ASKED if call.request.method == "POST" else ("patient",))
    now = call.kernel.clock.now()
    if call.request.method == "POST":
        async with call.kernel.database.transaction() as connection:
            patient = await _person(call, connection)
            await hold(connection, [patient])
            before = await arrangements_of(connection, patient)
            asked = _asked(call, len(before) + 1)
            item = await _item(call, connection, patient)
            work = work_of(call, connection, now)
            await arrange(work, patient, call.request.caller.organisation, item, asked)
            await record(connection, [
                audit_entry(call.request, "$case-management", to_micros(now), resource_type="Task", patient=patient)
            ])  # fmt: skip
    async with call.kernel.database.read() as connection:
        patient = await _person(call, connection)
        told = _shown(call, [(str(task["id"]), held) for task, held in await arrangements_of(connection, patient)])
    await audit_reads(call.kernel.database, call.request, "$case-management", "Task", {patient}, to_micros(now))
    return answer(told)


async def _person(call: OperationCall, connection: Connection) -> str:
    patient = await person_named(connection, call.one("patient"))
    if patient is None or not await sees_person(call, connection, patient):
        raise FhirError(Kind.NOT_FOUND, "There is no such person in your care")
    return patient


def _asked(call: OperationCall, following: int) -> Arrangement:
    levels, issues = need_levels_on(today(call)), []
    level, disciplines = levels.named(short_text(call, "level")), tuple(dict.fromkeys(texts(call, "discipline")))
    weeks, agreed = whole_number(call, "interval-weeks", 0), call.one("agreed-with")
    if level is None:
        issues.append(Issue(f"level is one of {', '.join(levels.names)} (003 §2.4 b3)", "level"))
    if set(disciplines) - set(kind_names()):
        issues.append(Issue("discipline is a kind of staff of code system staff-kind", "discipline"))
    if (weeks or disciplines) and agreed is None:
        words = "Interval and disciplines are agreed with the patient or a carer: say with whom (003 §3 outcome 5)"
        issues.append(Issue(words, "agreed-with"))
    if issues or level is None:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)
    days = whole_number(call, "contact-days", level.contact_days)
    minutes = whole_number(call, "contact-minutes", level.contact_minutes)
    if not (1 <= days <= 366 and 1 <= minutes <= 480 and weeks <= 104):
        words = "contact-days is 1 to 366, contact-minutes 1 to 480, interval-weeks at most 104"
        raise FhirError(Kind.UNPROCESSABLE, words)
    return Arrangement(
        following, level.name, today(call), days, minutes, weeks or level.review_weeks, disciplines,
        literal_given(agreed, "agreed-with", ("Patient", "RelatedPerson")) if agreed is not None else None,
    )  # fmt: skip


async def _item(call: OperationCall, connection: Connection, patient: str) -> str | None:
    given = call.one("review")
    if given is None:
        return None
    item = await item_row(connection, literal_given(given, "review", ("Task",)).removeprefix("Task/"))
    if item is None or item.patient != patient:
        raise FhirError(Kind.UNPROCESSABLE, "review is an agenda item about this person", expression="review")
    return item.task


def _shown(call: OperationCall, held: list[tuple[str, Arrangement]]) -> list[Parameter]:
    told, before = [], None
    for task, each in held:
        step = need_levels_on(each.since).step(before, each.level)
        inner = [
            reference("task", f"Task/{task}"), text("level", each.level), text("step", step),
            {"name": "since", "valueDate": each.since.isoformat()},
            number("contact-days", each.contact_days), number("contact-minutes", each.contact_minutes),
            number("interval-weeks", each.interval_weeks),
            {"name": "next-review", "valueDate": each.next_review.isoformat()},
            *(text("discipline", name) for name in each.disciplines),
        ]  # fmt: skip
        inner += [reference("agreed-with", each.agreed_with)] if each.agreed_with is not None else []
        told.append(parts("arrangement", inner))
        before = each.level
    return told
