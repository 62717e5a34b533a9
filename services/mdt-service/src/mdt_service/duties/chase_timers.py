"""Reminders, breaches and escalation: what happens to a duty by the passing of time alone.

Each looks at the register as it is when it fires: of a duty that was met, withdrawn or moved nothing more is said.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mdt_service.domain.duties.catalogue import Occurrence
from mdt_service.domain.duties.codes import COMMUNICATION_KIND
from mdt_service.domain.duties.duty_task import Holder, chase_task, duty_id, duty_task, free_duty
from mdt_service.duties.area import national_bodies
from mdt_service.duties.duty_events import DUE, ESCALATED, LAPSED, OVERDUE, said
from mdt_service.duties.duty_rows import DutyRow, chases, duty_row, take
from mdt_service.duties.giving import give_network, in_register
from mdt_service.duties.shipped_catalogue import catalogue, chasing_policy
from tandem.clock import to_instant, to_micros
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.memberships import holders_of
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import COMMISSIONER, NATIONAL_BODY, NETWORK
from tandem.ids import deterministic_id
from tandem.london_days import date_of, day_number, london_date
from tandem.nhs.financial_year import year_of
from tandem.service import Work


async def remind(event: Event, work: Work) -> None:
    """Tell the owner in writing that the duty is due in so many days."""
    row, told = await _owed(event, work), event.data or {}
    if row is None:
        return
    await work.put(await _reminder(work, row, told["before"]))
    await work.emit(DUE, said(row, days=told["before"]), key=f"{row.task}/{row.days.due}/{told['before']}")


async def tell_overdue(event: Event, work: Work) -> None:
    """Say that the duty was not met by its day."""
    row = await _owed(event, work)
    if row is not None:
        await work.emit(OVERDUE, said(row), key=f"{row.task}/{row.days.due}")


async def escalate(event: Event, work: Work) -> None:
    """Ask the organisation of this step to chase the duty, by a Task of its own; without such a one nothing is done."""
    row, step = await _owed(event, work), int((event.data or {}).get("step", 0))
    today = london_date(work.now)
    policy = chasing_policy(today)
    if row is None or step >= len(policy.steps(row.owner_kind)):
        return
    target = await _target(work, row, policy.steps(row.owner_kind)[step].to)
    done = (await chases(work.connection, [row.task])).get(row.task, [])
    duty = await work.read("Task", row.task)
    if target is None or duty is None or any(each["step"] == step for each in done):
        return
    identity = deterministic_id("chase", row.task, str(step))
    await work.connection.execute(
        "INSERT INTO duty_chase (duty, step, task, owner, day) VALUES ($1, $2, $3, $4, $5)",
        row.task, step, identity, target, day_number(today),
    )  # fmt: skip
    reference = await reference_to(work.connection, target)
    by = today + timedelta(days=policy.chase_days)
    await work.put(chase_task(duty, identity, reference, today, by, policy.version))
    more = {"to": target, "chase": identity, "step": step, "policy": policy.version}
    await work.emit(ESCALATED, said(row, **more), key=f"{row.task}/{step}")


async def renew(event: Event, work: Work) -> None:
    """The evidence of a met duty has lapsed: its owner is given the duty anew."""
    told = event.data or {}
    row = await duty_row(work.connection, str(told["task"]))
    if row is None or row.days.until is None or row.days.until != told["until"]:
        return
    first = date_of(row.days.until + 1)
    due = first + timedelta(days=chasing_policy(london_date(work.now)).renewal_days)
    duty = catalogue().duties.get(row.requirement or "")
    identity = duty_id(row.requirement or row.task, duty.version if duty else 0, row.owner, row.network, due)
    if await take(work.connection, identity):
        about = await reference_to(work.connection, row.network) if row.network is not None else None
        holder = Holder(row.owner, await reference_to(work.connection, row.owner), row.network, about)
        if duty is not None:
            await work.put(duty_task(Occurrence(duty, first, due), holder, work.now))
        else:
            await work.put(free_duty(identity, row.text, first, due, holder, work.now))
    await work.emit(LAPSED, said(row, renewed=identity), key=f"{row.task}/{row.days.until}")


async def give_new_year(event: Event, work: Work) -> None:
    """On 1 April a network that keeps the register is given the duties of the year."""
    told = event.data or {}
    await give_network(work, str(told["network"]), str(told["year"]))


async def give_who_joined(event: Event, work: Work) -> None:
    """Somebody has joined a network that keeps the register: what it lacks of this year is given."""
    network = str((event.data or {})["network"])
    if await in_register(work, network):
        await give_network(work, network, year_of(london_date(work.now)))


async def _owed(event: Event, work: Work) -> DutyRow | None:
    told: dict[str, Any] = event.data or {}
    row = await duty_row(work.connection, str(told["task"]))
    if row is None or row.days.met is not None or row.days.withdrawn is not None or row.days.due != told["due"]:
        return None
    return row


async def _target(work: Work, row: DutyRow, kind: str) -> str | None:
    """The organisation of a kind that stands above the owner: of the network it is owed to, before any other."""
    at, connection = to_micros(work.now), work.connection
    networks = [row.network] if row.network is not None else await holders_of(connection, row.owner, NETWORK, at)
    if row.owner_kind == NETWORK:
        networks = [row.owner]
    if kind == NETWORK:
        return next((each for each in networks if each != row.owner), None)
    if kind == NATIONAL_BODY:
        return next(iter(await national_bodies(connection)), None)
    assert kind == COMMISSIONER, "the policy names networks, commissioners and national bodies"
    for each in (*networks, row.owner):
        for commissioner in await holders_of(connection, each, COMMISSIONER, at):
            return commissioner
    return None


async def _reminder(work: Work, row: DutyRow, before: int) -> Resource:
    days = "1 day" if before == 1 else f"{before} days"
    named = f"{row.requirement}: " if row.requirement else ""
    identity = deterministic_id("duty-reminder", row.task, str(row.days.due), str(before))
    return {
        "resourceType": "Communication", "id": identity,
        "status": "completed", "category": [{"coding": [{"system": COMMUNICATION_KIND, "code": "duty-reminder"}]}],
        "about": [{"reference": f"Task/{row.task}"}], "sent": to_instant(work.now),
        "recipient": [await reference_to(work.connection, row.owner)],
        "payload": [{"contentString": f"Due in {days}, on {date_of(row.days.due).isoformat()}. {named}{row.text}"}],
    }  # fmt: skip
