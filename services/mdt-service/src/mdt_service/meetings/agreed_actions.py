"""Making an action that a meeting agreed: owned by an organisation, and done by a role of it (AC-019, PCPC-043)."""

from __future__ import annotations

from typing import Any

from mdt_service.domain.meetings.codes import SESSION
from mdt_service.domain.meetings.meeting_action import action_task
from mdt_service.meetings.meeting_rows import MeetingRow
from mdt_service.meetings.record_parameters import ActionAgreed
from mdt_service.multidisciplinary_teams.team_make_up import STAFF
from tandem.canonical import STAFF_KIND
from tandem.directory.queries import organisation_named, staff_member
from tandem.fhir.body import Resource
from tandem.fhir.organisation_parameter import organisation_named as organisation_in
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisation_reference import reference_to
from tandem.identity.references import resolve
from tandem.ids import deterministic_id
from tandem.london_days import date_of, london_date
from tandem.nhs.staff_kinds import kind_names, staff_kinds
from tandem.service import Work


async def agree_action(work: Work, meeting: MeetingRow, item: Resource | None, agreed: ActionAgreed) -> str:
    """Make the action, once for the same words, owner and day: the Task's id. Raises FhirError 422.

    What a session agrees is about how an organisation works, and names nobody.
    """
    if agreed.due < date_of(meeting.day):
        text = "An action is due on the day of the meeting or later (000 §4.10 b3)"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="due")
    owner, recipient, role = await _owner(work, agreed.owner)
    about = item is not None and item.get("for") is not None and meeting.kind != SESSION
    origin = str(item["id"]) if item is not None else meeting.appointment
    by = str([owner, recipient])
    identity = deterministic_id("meeting-action", origin, agreed.what, by, agreed.due.isoformat())
    if await work.read("Task", identity) is not None:
        return identity
    task = action_task(
        identity, meeting.appointment, item, agreed.what, owner, agreed.due, role, work.now, about_person=about
    )
    if recipient is not None:
        task["restriction"]["recipient"] = [recipient]
    await work.put(task)
    return identity


async def _owner(
    work: Work, given: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any] | None]:
    """The organisation that owns it, who of its staff does it, and in which role."""
    who = str(given.get("reference") or "")
    if not who.startswith(STAFF):
        return await _organisation(work, given), None, None
    member = await staff_member(work.connection, who, london_date(work.now))
    employers = {} if member is None else {
        role.organisation.code: role for role in member.roles if role.organisation is not None
    }  # fmt: skip
    if len(employers) != 1:
        text = (
            "An action has one owner that is known here (000 §4.10 b3): an Organization, or a PractitionerRole that"
            " holds today at one organisation"
        )
        raise FhirError(Kind.BUSINESS_RULE, text, expression="owner")
    [(code, role)] = employers.items()
    kinds = sorted(staff_kinds(role.codes))
    codings = [{"system": STAFF_KIND, "code": kind, "display": kind_names()[kind]} for kind in kinds]
    return await reference_to(work.connection, code), {"reference": who}, {"coding": codings} if codings else None


async def _organisation(work: Work, given: dict[str, Any]) -> dict[str, Any]:
    named = organisation_in(given)
    code = (await resolve(work.connection, [named]))[named] if named is not None else None
    if code is None or await organisation_named(work.connection, code) is None:
        text = "An action has an owner that is known here (000 §4.10 b3): an Organization or a PractitionerRole"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="owner")
    return await reference_to(work.connection, code)
