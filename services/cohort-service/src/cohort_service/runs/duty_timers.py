"""When a network is told that a run will be due, and that one is overdue (SMR-030, AC-035).

What is owed is always worked out anew from the runs when a timer fires: a timer that was set before a later run, or
before a practice joined, only plans itself again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cohort_service.domain.identification_duty import Standing, notice_day, standing_together
from cohort_service.runs.duties import Duty, duties
from cohort_service.runs.duty_rows import standings
from cohort_service.runs.scope import kind_of_organisation, practices_of
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.identity.organisations import NETWORK, code_of, kind_by_form, kind_of
from tandem.london_days import london_date
from tandem.nhs.working_days import start_of_london_day
from tandem.service import Change, Work

DUE = "tandem.identification.due"
OVERDUE = "tandem.identification.overdue"


async def follow_membership(change: Change, work: Work) -> None:
    """A practice joins or leaves a network: what the network owes is planned anew."""
    holder = await work.connection.fetchval("SELECT holder FROM membership WHERE id = $1", change.id)
    if holder is not None:
        await _plan_network(work, holder)


async def follow_network(change: Change, work: Work) -> None:
    """A network is entered, perhaps after its members: what it owes is planned."""
    if change.after is not None and kind_of(change.after) == NETWORK:
        await _plan_network(work, code_of(change.after))


async def plan_duty(work: Work, network: str) -> None:
    """Set the timers of a network by what it owes now."""
    for service, duty in duties().items():
        due = (await _together(work, duty, network)).due
        key, payload = f"{service}/{network}", {"service": service, "network": network}
        if due is None:
            await work.unschedule(DUE, key)
            await work.unschedule(OVERDUE, key)
        else:
            await work.schedule(DUE, key, start_of_london_day(notice_day(duty.rule, due)), payload)
            await work.schedule(OVERDUE, key, start_of_london_day(due + timedelta(days=1)), payload)


async def say_what_is_owed(event: Event, work: Work) -> None:
    """A timer of a network fired: says that a run is due or overdue, if that is so."""
    told = event.data or {}
    service, network = str(told["service"]), str(told["network"])
    duty = duties().get(service)
    if duty is None:
        return
    now = await _together(work, duty, network)
    if now.due is None:
        return
    day = london_date(work.now)
    if event.kind == OVERDUE and now.overdue:
        await work.emit(OVERDUE, await _said(work, duty, network, now), key=f"{service}/{network}/{now.due}")
    elif event.kind == DUE and not now.overdue and day >= notice_day(duty.rule, now.due):
        await work.emit(DUE, await _said(work, duty, network, now), key=f"{service}/{network}/{now.due}")
    elif not now.overdue:
        await plan_duty(work, network)


async def _plan_network(work: Work, code: str) -> None:
    kind = await kind_of_organisation(work.connection, code) or kind_by_form(code)
    if kind == NETWORK and await practices_of(work.connection, code, to_micros(work.now)):
        await plan_duty(work, code)


async def _said(work: Work, duty: Duty, network: str, now: Standing) -> dict[str, Any]:
    each = await _standings(work, duty, network)
    return {
        "service": duty.rule.service, "network": network, "source": duty.source,
        "due": now.due.isoformat() if now.due else None, "last": now.last.isoformat() if now.last else None,
        "practices": [practice for practice, standing in each.items() if standing.due == now.due],
    }  # fmt: skip


async def _together(work: Work, duty: Duty, network: str) -> Standing:
    return standing_together((await _standings(work, duty, network)).values())


async def _standings(work: Work, duty: Duty, network: str) -> dict[str, Standing]:
    practices = await practices_of(work.connection, network, to_micros(work.now))
    return await standings(work.connection, duty.rule, practices, network, london_date(work.now))
