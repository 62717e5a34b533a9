"""Writing the record of a meeting: each organisation in its own name, the Appointment in the name of who made it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from mdt_service.domain.meetings.agenda_item import ENDED, next_status, with_contributions
from mdt_service.domain.meetings.codes import DECISION, NO_ACTION
from mdt_service.domain.meetings.meeting_resource import annotation, with_attendance, with_learning
from mdt_service.domain.meetings.meeting_transitions import HELD, OPEN, UNDER_WAY, may_follow
from mdt_service.meetings.acting_person import acting_person, person_of_caller
from mdt_service.meetings.agenda_rows import item_row
from mdt_service.meetings.agreed_actions import agree_action
from mdt_service.meetings.meeting_rights import leads_meeting, sees_person, takes_part
from mdt_service.meetings.meeting_rows import MeetingRow
from mdt_service.meetings.record_parameters import ItemSaid, Posted
from mdt_service.multidisciplinary_teams.team_make_up import staff_on
from tandem.clock import to_instant, to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource, decode
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.visibility import visible_resource
from tandem.fhir.writing import WriteContext
from tandem.identity.caller import service_caller
from tandem.identity.organisation_reference import reference_to
from tandem.london_days import date_of
from tandem.service import Work

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


class Recording:
    """One call of `$record` in its transaction. `people` are those whose records it wrote."""

    def __init__(
        self, call: OperationCall, connection: Connection, resource: Resource, meeting: MeetingRow, now: datetime
    ) -> None:
        self.people: set[str] = set()
        self._call, self._connection, self._now = call, connection, now
        self._resource, self._meeting = resource, meeting
        self._work: Work = work_of(call, connection, now)

    async def keep(self, posted: Posted) -> None:
        """Write everything. Raises FhirError 403, 404, 422."""
        caller, at = self._call.request.caller, to_micros(self._now)
        if not await takes_part(self._connection, caller, self._meeting, at):
            text = "A meeting is recorded by organisations that take part in it (000 §4.12 r4)"
            raise FhirError(Kind.FORBIDDEN, text)
        leads = await leads_meeting(self._connection, caller, self._meeting, at)
        self._refuse(posted, leads)
        by = await acting_person(self._call, self._connection)
        speaker = by.reference if by is not None else None
        resource = await self._attendance(posted, leads)
        for each in posted.items:
            await self._item(each, speaker)
        for action in posted.actions:
            item = await self._seen_item(action.item) if action.item is not None else None
            await agree_action(self._work, self._meeting, item, action)
            if item is not None and item.get("for"):
                await self._about(action.item)
        for words in posted.learning:
            resource = with_learning(resource, await self._annotation(words, speaker))
        if posted.close:
            resource = {**resource, "status": HELD}
        if resource != self._resource:
            await self._as_keeper().put(resource)

    def _refuse(self, posted: Posted, leads: bool) -> None:
        if self._meeting.status not in OPEN:
            text = f"The meeting is over ({self._meeting.status}): its record is closed"
            raise FhirError(Kind.BUSINESS_RULE, text, expression="Appointment.status")
        if not leads and (posted.close or posted.invite):
            text = "Who leads the meeting invites others and closes its record (000 §3.16 r4)"
            raise FhirError(Kind.FORBIDDEN, text, expression="close" if posted.close else "invite")
        begun = self._meeting.starts <= to_micros(self._now)
        if not begun and (posted.attended or posted.absent or posted.close):
            text = "A meeting begins at its start or later, not before: nobody has been there yet"
            raise FhirError(Kind.BUSINESS_RULE, text, expression="attended")
        if posted.close and not may_follow(self._meeting.status, HELD):
            text = f"A meeting that is {self._meeting.status} is booked before it is held"
            raise FhirError(Kind.BUSINESS_RULE, text, expression="Appointment.status")

    async def _attendance(self, posted: Posted, leads: bool) -> Resource:
        invited = {each.member.who: each.member for each in self._meeting.attendees}
        fresh = [who for who in posted.invite if who not in invited]
        for who in fresh:
            invited[who] = await staff_on(self._connection, who, date_of(self._meeting.day))
        issues, own = [], self._call.request.caller.organisation
        for who in [*fresh, *posted.attended, *posted.absent]:
            member = invited.get(who)
            if member is None:
                text = f"{who} is not invited to this meeting: who leads it adds them with invite"
                issues.append(Issue(text, "attended"))
            elif not member.known:
                issues.append(Issue(f"{who} is not known here yet", "attended"))
            elif not leads and own not in member.organisations:
                text = "An organisation records the attendance of its own staff; who leads the meeting of all"
                raise FhirError(Kind.FORBIDDEN, text, expression="attended")
        if issues:
            raise FhirError(Kind.BUSINESS_RULE, issues=issues)
        marked = with_attendance(self._resource, set(posted.attended), set(posted.absent), fresh)
        if posted.attended and self._meeting.status == "booked":
            marked = {**marked, "status": UNDER_WAY}
        return marked

    async def _item(self, asked: ItemSaid, speaker: str | None) -> None:
        item = await self._seen_item(asked.task)
        by = asked.by or speaker
        said = [(kind, await self._annotation(words, by)) for kind, words in asked.said]
        item = {**with_contributions(item, said), "lastModified": to_instant(self._now)}
        await self._about(asked.task)
        if asked.postponed is not None:
            if item["status"] in ENDED:
                text = f"Task/{asked.task} was dealt with already: it can be postponed no more"
                raise FhirError(Kind.BUSINESS_RULE, text, expression="item")
            await self._work.put({**item, "status": "cancelled", "statusReason": {"text": asked.postponed}})
            return
        settled = any(kind in (DECISION, NO_ACTION) for kind, _ in asked.said)
        await self._move(item, "completed" if settled else "in-progress")

    async def _move(self, item: Resource, wanted: str) -> None:
        """By every status on the way, as the table of Tasks asks; each version has what was said already."""
        status = str(item["status"])
        if status in ENDED and status != "completed":
            text = f"Task/{item['id']} was taken off the agenda ({status})"
            raise FhirError(Kind.BUSINESS_RULE, text, expression="item")
        written = False
        while status not in (wanted, "completed") and (following := next_status(status)) is not None:
            status, written = following, True
            item = await self._work.put({**item, "status": status})
        if not written:
            await self._work.put(item)

    async def _seen_item(self, task: str) -> Resource:
        row = await item_row(self._connection, task)
        held = None
        call = self._call
        here = row is not None and row.appointment == self._meeting.appointment
        if row is not None and here and await sees_person(call, self._connection, row.patient):
            held = await visible_resource(call.kernel, self._connection, call.request, "Task", task, lock=True)
        if held is None or held.body is None:
            raise FhirError(Kind.NOT_FOUND, "There is no such item on this agenda", expression="item")
        resource: Resource = decode(held.body)
        return resource

    async def _about(self, task: str | None) -> None:
        row = await item_row(self._connection, task)
        if row is not None and row.patient is not None:
            self.people.add(row.patient)

    async def _annotation(self, words: str, by: str | None) -> dict[str, Any]:
        own = await reference_to(self._connection, self._call.request.caller.organisation)
        if by is None:
            return annotation(words, own, own, None, self._now)
        person = await person_of_caller(self._call, self._connection, by, "by")
        role = by if by.startswith("PractitionerRole/") else None
        return annotation(words, {"reference": person.person}, own, role, self._now)

    def _as_keeper(self) -> Work:
        """The Appointment stays that of who made it, whoever records; the audit trail names who called."""
        factory, request = self._call.kernel.writing.work_factory, self._call.request
        assert factory is not None, "the runtime sets the work factory"
        context = WriteContext(
            service_caller("mdt-service"), self._meeting.owner, request.request_id, request.correlation_id
        )
        return factory(self._connection, context, self._now)
