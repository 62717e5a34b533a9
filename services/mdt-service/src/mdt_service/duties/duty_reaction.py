"""What follows when a duty is written: its rules that need tables, its row, its timed events, what is said of it."""

from __future__ import annotations

from datetime import date

from mdt_service.domain.duties.catalogue import Duty
from mdt_service.domain.duties.codes import DUTY
from mdt_service.domain.duties.duty_task import WITHDRAWN, days_given, is_kind, requirement_of
from mdt_service.domain.duties.evidence import day_of, holds_until, outputs_of
from mdt_service.domain.duties.standing import DutyDays
from mdt_service.domain.task_transitions import may_follow
from mdt_service.duties.duty_events import GIVEN, MET, said
from mdt_service.duties.duty_rights import refuse_strangers
from mdt_service.duties.duty_rows import DutyRow, chases, duty_row, forget, keep
from mdt_service.duties.planning import plan, plan_lapse, take_back
from mdt_service.duties.shipped_catalogue import catalogue
from tandem.canonical import CAUSED_BY_SERVICE
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.memberships import kind_of_code
from tandem.identity.organisations import NETWORK, reference_code
from tandem.identity.references import resolve
from tandem.london_days import day_number, london_date
from tandem.service import Change, Work


async def keep_duty(change: Change, work: Work) -> None:
    """Keep the register in step with a Task. Raises FhirError 403 and 422, and nothing is written then."""
    before = change.before if is_kind(change.before, DUTY) else None
    task = change.after if is_kind(change.after, DUTY) else None
    if before is None and task is None:
        return
    owner = await _code(work.connection, (task or before or {}).get("owner"))
    former = await duty_row(work.connection, change.id)
    if not change.caller.sees_all:
        await refuse_strangers(work.connection, change, former.owner if former is not None else owner, work.now)
    if task is None:
        await forget(work.connection, change.id)
        await take_back(work, change.id)
        return
    row = await _row(work, change.id, task, owner, former)
    await keep(work.connection, row)
    await _follow(work, row, former)


async def _row(work: Work, identity: str, task: Resource, owner: str | None, former: DutyRow | None) -> DutyRow:
    days = days_given(task)
    assert days is not None, "the rule of a whole duty has seen to it"
    if owner is None:
        raise FhirError(
            Kind.BUSINESS_RULE, "A duty is given to an organisation that is known here, or by its code",
            expression="Task.owner",
        )  # fmt: skip
    kind, duty = await kind_of_code(work.connection, owner), catalogue().of_canonical(task.get("instantiatesCanonical"))
    if duty is not None and former is None and (issues := _unfit(duty, kind, days[1])):
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)
    network = await _code(work.connection, task.get("focus"))
    if network is not None and (network == owner or await kind_of_code(work.connection, network) != NETWORK):
        network = None
    return DutyRow(
        identity, owner, kind, network, requirement_of(task), duty.service if duty else _service(task),
        task["description"], _days(task, days, former, london_date(work.now)),
    )  # fmt: skip


def _unfit(duty: Duty, kind: str, due: date) -> list[Issue]:
    issues = []
    named = f"{duty.requirement} ({duty.source})"
    if kind not in duty.given_to:
        given_to = " or ".join(duty.given_to)
        issues.append(Issue(f"{named} is owed by a {given_to}, and this organisation is a {kind}", "Task.owner"))
    if due < duty.first:
        text = f"{named} begins on {duty.first.isoformat()}: it cannot be due before"
        issues.append(Issue(text, "Task.restriction.period.end"))
    return issues


def _days(task: Resource, days: tuple[date, date], former: DutyRow | None, today: date) -> DutyDays:
    outputs, status = outputs_of(task), task.get("status")
    met = max((day_of(each) for each in outputs), default=today) if status == "completed" else None
    until = holds_until(outputs) if met is not None else None
    withdrawn = None
    if status in WITHDRAWN:
        held = former.days.withdrawn if former is not None else None
        withdrawn = held if held is not None else day_number(today)
    return DutyDays(
        day_number(days[0]), day_number(days[1]), None if met is None else day_number(met),
        None if until is None else day_number(until), withdrawn,
    )  # fmt: skip


async def _follow(work: Work, row: DutyRow, former: DutyRow | None) -> None:
    if former is None:
        await work.emit(GIVEN, said(row), key=row.task)
    if row.days.met is None and row.days.withdrawn is None:
        if former is None or (former.days.due, former.owner) != (row.days.due, row.owner):
            await take_back(work, row.task)
            await plan(work, row)
        return
    if former is not None and former.days == row.days:
        return
    await take_back(work, row.task)
    await _end_chases(work, row.task)
    if row.days.met is not None:
        await plan_lapse(work, row)
        await work.emit(MET, said(row, met=row.days.met), key=row.task)


async def _end_chases(work: Work, duty: str) -> None:
    for chase in (await chases(work.connection, [duty])).get(duty, []):
        task = await work.read("Task", chase["task"])
        if task is not None and task["status"] != "cancelled" and may_follow(task["status"], "cancelled"):
            await work.put({**task, "status": "cancelled", "statusReason": {"text": "The duty is owed no more"}})


async def _code(connection: Connection, reference: object) -> str | None:
    named = reference_code(reference) if isinstance(reference, dict) else None
    return (await resolve(connection, [named]))[named] if named is not None else None


def _service(task: Resource) -> str | None:
    services = [each.get("valueCode") for each in task.get("extension") or [] if each.get("url") == CAUSED_BY_SERVICE]
    return services[0] if services else None
