"""The timed events of one duty: planned when it is given or its day is moved, taken back when it is owed no more."""

from __future__ import annotations

from mdt_service.duties.duty_events import DUE, ESCALATED, LAPSED, OVERDUE
from mdt_service.duties.duty_rows import DutyRow
from mdt_service.duties.shipped_catalogue import chasing_policies, chasing_policy
from tandem.london_days import date_of, london_date
from tandem.nhs.working_days import add_days, start_of_london_day
from tandem.service import Work


async def plan(work: Work, row: DutyRow) -> None:
    """Reminders that are still to come, the first day after the due day, and the steps of escalation."""
    today, due = london_date(work.now), date_of(row.days.due)
    policy = chasing_policy(today)
    for before, day in policy.reminders(due, today):
        payload = {"task": row.task, "before": before, "due": row.days.due}
        await work.schedule(DUE, f"{row.task}/{before}", start_of_london_day(day), payload)
    after = start_of_london_day(add_days(due, 1))
    await work.schedule(OVERDUE, row.task, after, {"task": row.task, "due": row.days.due})
    for step, day in policy.escalations(row.owner_kind, due, today):
        payload = {"task": row.task, "step": step, "due": row.days.due}
        await work.schedule(ESCALATED, f"{row.task}/{step}", start_of_london_day(day), payload)


async def plan_lapse(work: Work, row: DutyRow) -> None:
    """The day after the last on which the evidence holds."""
    if row.days.until is not None:
        day = start_of_london_day(add_days(date_of(row.days.until), 1))
        await work.schedule(LAPSED, row.task, day, {"task": row.task, "until": row.days.until})


async def take_back(work: Work, task: str) -> None:
    """Nothing of a duty is to be chased any more."""
    await work.unschedule(OVERDUE, task)
    await work.unschedule(LAPSED, task)
    for policy in chasing_policies():
        for before in policy.remind_days_before:
            await work.unschedule(DUE, f"{task}/{before}")
        for step in range(max(map(len, policy.escalate.values()), default=0)):
            await work.unschedule(ESCALATED, f"{task}/{step}")
