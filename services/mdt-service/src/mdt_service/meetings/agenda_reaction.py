"""What follows when a Task of a meeting is written: an agenda item, an action, or a reason to discuss somebody."""

from __future__ import annotations

from mdt_service.domain.meetings.agenda_item import ENDED, is_kind, meeting_of
from mdt_service.domain.meetings.codes import ACTION, AGENDA_ITEM, CHASE, ESCALATED, FLAGGED, HOME_FLAG, REASONS
from mdt_service.domain.meetings.meeting_action import due_day, faults_when_closed, faults_when_made
from mdt_service.domain.meetings.meeting_transitions import OPEN
from mdt_service.meetings.agenda_rows import (
    ActionRow,
    ItemRow,
    action_row,
    forget,
    forget_reason,
    item_row,
    keep_action,
    keep_chase,
    keep_item,
    keep_reason,
)
from mdt_service.meetings.meeting_rights import takes_part
from mdt_service.meetings.meeting_rows import MeetingRow, meeting_row
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.access import has_access
from tandem.identity.organisations import reference_code
from tandem.identity.references import resolve
from tandem.london_days import day_of
from tandem.service import Change, Work

_REASON_OF = {HOME_FLAG: FLAGGED, CHASE: ESCALATED}
_RUNS_OUT = "tandem.clock.breached"


async def keep_agenda(change: Change, work: Work) -> None:
    """Keep items, actions and reasons in step with their Tasks. Raises FhirError 403, 422."""
    task = change.after
    if task is None:
        await forget(work.connection, change.id)
        await forget_reason(work.connection, f"Task/{change.id}")
    elif is_kind(task, AGENDA_ITEM):
        await _keep_item(change, work, task)
    elif is_kind(task, ACTION):
        await _keep_action(change, work, task)
    else:
        await _keep_reason(change, work, task)


async def keep_breach(event: Event, work: Work) -> None:
    """A clock was breached: a reason to discuss the person, until it is stopped, closed or begun anew."""
    data = event.data or {}
    if event.patient is None:
        return
    source = f"clock/{data.get('cause') or data.get('residency')}/{data['kind']}"
    words = f"Clock breached: {str(data['kind']).replace('-', ' ')}"
    await keep_reason(
        work.connection, source, event.patient, "clock-breached", words, to_micros(event.time),
        holds=event.kind == _RUNS_OUT, revision=int(data.get("revision") or 0),
    )  # fmt: skip


async def _keep_item(change: Change, work: Work, item: Resource) -> None:
    meeting = await meeting_row(work.connection, meeting_of(item))
    if meeting is None:
        await forget(work.connection, change.id)
        return
    if await item_row(work.connection, change.id) is None and item.get("status") not in ENDED:
        await _refuse_latecomers(change, work, meeting)
    await keep_item(
        work.connection, ItemRow(change.id, meeting.appointment, change.patient, str(item.get("status")))
    )


async def _refuse_latecomers(change: Change, work: Work, meeting: MeetingRow) -> None:
    if not await takes_part(work.connection, change.caller, meeting, to_micros(work.now)):
        text = "An agenda is added to by organisations that take part in the meeting (000 §4.12 r4)"
        raise FhirError(Kind.FORBIDDEN, text, expression="Task.basedOn")
    patient = change.patient
    if patient is not None and not await has_access(
        work.connection, change.caller, patient, to_micros(work.now), resource_type="Task"
    ):
        text = "An agenda item about a person is added by an organisation with access to the person"
        raise FhirError(Kind.FORBIDDEN, text, expression="Task.for")
    if meeting.status not in OPEN:
        text = f"The meeting is over ({meeting.status}): put this on the agenda of the next one"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="Task.basedOn")


async def _keep_action(change: Change, work: Work, action: Resource) -> None:
    former = await action_row(work.connection, change.id)
    appointment, item = await _origin(work, action)
    if appointment is None:
        if former is not None:
            await forget(work.connection, change.id)
        return
    status = str(action.get("status"))
    issues = list(faults_when_made(action)) if former is None or status not in ENDED else []
    if change.before is not None and change.before.get("status") != status:
        issues += faults_when_closed(action)
    if issues:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)
    closed = None
    if status in ENDED:
        closed = former.closed_day if former is not None and former.closed_day is not None else day_of(work.now)
    due = due_day(action)
    await keep_action(
        work.connection,
        ActionRow(
            change.id, appointment, item, change.patient, await _owner(work, action), status,
            due if due is not None else day_of(work.now), closed,
        ),
    )  # fmt: skip


async def _origin(work: Work, action: Resource) -> tuple[str | None, str | None]:
    """The meeting that an action came out of, and the item of its agenda."""
    for task in target_ids(action.get("partOf"), "Task"):
        if (item := await item_row(work.connection, task)) is not None:
            return item.appointment, item.task
    meeting = await meeting_row(work.connection, meeting_of(action))
    return (meeting.appointment, None) if meeting is not None else (None, None)


async def _owner(work: Work, action: Resource) -> str:
    owner = action.get("owner") or {}
    named = reference_code(owner)
    code = (await resolve(work.connection, [named]))[named] if named is not None else None
    return code or str(owner.get("reference") or owner.get("display") or "")


async def _keep_reason(change: Change, work: Work, task: Resource) -> None:
    if is_kind(task, CHASE):
        for action in target_ids(task.get("partOf"), "Task"):
            if await action_row(work.connection, action) is not None:
                await keep_chase(work.connection, change.id, action, day_of(work.now))
    code = next((reason for kind, reason in _REASON_OF.items() if is_kind(task, kind)), None)
    if code is None or change.patient is None:
        return
    reason = task.get("reasonCode") or {}
    displays = [each["display"] for each in reason.get("coding") or () if each.get("display")]
    words = reason.get("text") or task.get("description") or next(iter(displays), None)
    since = to_micros(work.now)
    held = await work.connection.fetchval("SELECT since FROM agenda_reason WHERE source = $1", f"Task/{change.id}")
    await keep_reason(
        work.connection, f"Task/{change.id}", change.patient, code,
        f"{REASONS[code]}: {words}" if words else REASONS[code], int(held) if held is not None else since,
        holds=task.get("status") not in (*ENDED, "draft"),
    )  # fmt: skip
