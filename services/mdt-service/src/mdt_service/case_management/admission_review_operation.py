"""`Task/$admission-review`: unplanned admissions, readmissions and attendances, of a month or of a care home."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from mdt_service.case_management import review_rows
from mdt_service.case_management.review_rows import Listed
from mdt_service.case_management.shipped_policies import hospital_policy_on
from mdt_service.case_management.task_owner import owner_known
from mdt_service.domain.case_management.admission_review import (
    DECISIONS,
    FOLLOW_UP,
    contact_review,
    faults_of_closing,
    follow_up_of,
    home_scope,
    month_scope,
    whole_review,
)
from tandem.clock import from_micros, to_instant, to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry, audit_reads
from tandem.fhir.operation_parameters import day_in, flag, only, short_text, today
from tandem.fhir.operation_work import work_of
from tandem.fhir.organisation_parameter import code_parameter, resolved
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.parameters_answer import Parameter, answer, number, parts, reference, text, yes
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record
from tandem.identity.organisation_reference import reference_to
from tandem.london_days import date_of, day_number
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class _Asked:
    practice: str
    home: str | None
    month: date

    @property
    def scope(self) -> str:
        return home_scope(self.home, self.practice) if self.home is not None else month_scope(self.practice, self.month)


async def admission_review(call: OperationCall) -> FhirResponse:
    """GET lists a `contact` each with `encounter`, `patient`, `kind`, `start`, `readmission`, `decision`.

    Parameters `practice` (the caller unless given) with `month` (2020-06; this one), or `home` (what nobody reviewed
    yet). POST takes `contact` rows (`encounter`, `decision` follow-up or no-further-action, `note`; for a follow-up
    `what`, `owner`, `due`) and `close`, and is for the practice. Raises FhirError 400, 403, 422; nothing is written
    then.
    """
    if call.request.method != "POST":
        only(call, ("practice", "home", "month"))
        return await _answered(call)
    only(call, ("practice", "home", "month", "contact", "close"))
    rows, now = rows_asked(call, "contact", least=0), call.kernel.clock.now()
    async with call.kernel.database.transaction() as connection:
        asked = await _asked(call, connection)
        caller = call.request.caller
        if caller.organisation != asked.practice and not caller.sees_all:
            raise FhirError(Kind.FORBIDDEN, "Admissions are reviewed by the practice (003 §2.3 AUA b10)")
        work, by = work_of(call, connection, now), await reference_to(connection, asked.practice)
        listed = {each.contact.encounter: each for each in await _listed(call, connection, asked)}
        count, people = len(listed), await _decide(work, by, rows, listed)
        if flag(call, "close"):
            held = await _listed(call, connection, asked)
            faults = faults_of_closing([each.contact for each in held if each.decision is None])
            if faults:
                raise FhirError(Kind.BUSINESS_RULE, issues=faults)
            await work.put(whole_review(asked.scope, by, count, now))
        about: list[str | None] = [*sorted(people)] or [None]
        await record(connection, [
            audit_entry(call.request, "$admission-review", to_micros(now), resource_type="Task", patient=each)
            for each in about
        ])  # fmt: skip
    return await _answered(call)


async def _asked(call: OperationCall, connection: Connection) -> _Asked:
    practice = code_parameter(call, "practice") or call.request.caller.organisation
    home = await resolved(connection, call.one("home"), "home") if call.one("home") is not None else None
    given = short_text(call, "month")
    month = today(call).replace(day=1) if given is None else day_in(f"{given}-01")
    if month is None:
        raise FhirError(Kind.BAD_REQUEST, "month is a month such as 2020-06", expression="month")
    return _Asked(practice, home, month)


async def _listed(call: OperationCall, connection: Connection, asked: _Asked) -> list[Listed]:
    tomorrow = day_number(today(call)) + 1
    if asked.home is not None:
        back = hospital_policy_on(today(call)).home_look_back_days
        return await review_rows.of_home(call, connection, asked.home, tomorrow - back, tomorrow)
    after = (asked.month + timedelta(days=31)).replace(day=1)
    return await review_rows.of_practice(
        call, connection, asked.practice, day_number(asked.month), day_number(after)
    )


async def _decide(work: Work, by: dict[str, Any], rows: list[Part], listed: dict[str, Listed]) -> set[str]:
    decided = [await _read(work, row, listed) for row in rows]
    refuse_faults(rows)
    for found, decision, note, follow_up in decided:
        assert found is not None, "refused above"
        review = await work.put(
            contact_review(found.contact.encounter, found.patient, by, decision, note, work.now)
        )
        if follow_up is not None:
            what, owner, due = follow_up
            await work.put(follow_up_of(review, what, owner, due, work.now))
    return {found.patient for found, *_ in decided if found is not None}


async def _read(
    work: Work, row: Part, listed: dict[str, Listed]
) -> tuple[Listed | None, str, str, tuple[str, dict[str, Any], date] | None]:
    given = row.one("encounter", "a Reference to the Encounter")
    literal = str(given.get("reference") if isinstance(given, dict) else given)
    # Taken out: a second row about the same contact finds none.
    found = listed.pop(literal.removeprefix("Encounter/"), None)
    if found is None or found.decision is not None:
        row.fault("encounter", "This contact is not in the review, or was decided already")
    decision, note = row.text("decision") or "", row.text("note", required=False) or ""
    if decision not in DECISIONS:
        row.fault("decision", f"decision is one of {', '.join(DECISIONS)}")
    if decision != FOLLOW_UP:
        if not note:
            row.fault("note", "Say in note why no follow-up is needed (003 §2.3 AUA b10)")
        return found, decision, note, None
    what, due = row.text("what"), row.day("due")
    owner = await owner_known(work, row.one("owner", "a Reference to who follows up"))
    if owner is None:
        row.fault("owner", "owner is an Organization or a PractitionerRole that is known here")
    if what is None or due is None or owner is None:
        return found, decision, note, None
    return found, decision, note or what, (what, owner, date_of(due))


async def _answered(call: OperationCall) -> FhirResponse:
    async with call.kernel.database.read() as connection:
        asked = await _asked(call, connection)
        listed = await _listed(call, connection, asked)
        last = await review_rows.last_review(connection, asked.scope)
    people: set[str | None] = {each.patient for each in listed}
    await audit_reads(
        call.kernel.database, call.request, "$admission-review", "Task", people or {None},
        to_micros(call.kernel.clock.now()),
    )  # fmt: skip
    undecided = sum(each.decision is None for each in listed)
    told = [text("review", asked.scope), number("undecided", undecided), yes("closed", last is not None)]
    told += [{"name": "last-review", "valueDate": last.isoformat()}] if last is not None else []
    return answer([*told, *map(_shown, listed)])


def _shown(listed: Listed) -> Parameter:
    contact = listed.contact
    told = [
        reference("encounter", f"Encounter/{contact.encounter}"), reference("patient", f"Patient/{listed.patient}"),
        text("kind", contact.kind), {"name": "start", "valueInstant": to_instant(from_micros(contact.starts))},
        yes("readmission", listed.readmission),
    ]  # fmt: skip
    return parts("contact", told + ([text("decision", listed.decision)] if listed.decision is not None else []))
