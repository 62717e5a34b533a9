"""Community providers with a part in a person's care: what the yearly review of AC-070 is about."""

from __future__ import annotations

from datetime import datetime

from careplan_service.clocks.fact_rows import SUPPORT, Fact, replace
from careplan_service.clocks.keep_clocks import keep_clocks
from careplan_service.domain.clocks.provider_support import Supporter, supporters
from tandem.clock import from_micros, to_micros
from tandem.directory.queries import staff_member
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.organisations import PROVIDER, reference_code
from tandem.identity.periods import FOREVER, Period
from tandem.identity.reference_rights import kind_of_caller, named
from tandem.london_days import london_date
from tandem.service import Change, Work


async def team_changed(change: Change, work: Work) -> None:
    """Keep the part that a CareTeam gives a community provider, in the transaction of its write."""
    await _keep(work, f"CareTeam/{change.id}", change.patient, change.after, change.now)


async def work_changed(event: Event, work: Work) -> None:
    """Keep the part that a Task or ServiceRequest gives a community provider; not one that a stranger sent."""
    if event.data is None or event.granted:
        await _keep(work, f"{event.type}/{event.resource_id}", event.patient, event.data, event.time)


async def _keep(work: Work, source: str, patient: str | None, resource: Resource | None, at: datetime) -> None:
    span = await _supported(work, resource, at) if resource is not None and patient is not None else None
    fact = None
    if span is not None and patient is not None:
        until = None if span[1] == FOREVER else from_micros(span[1])
        fact = Fact(source, SUPPORT, patient, await _begun(work, source, from_micros(span[0]), at), until)
    for each in sorted(await replace(work.connection, source, fact)):
        await keep_clocks(work, each, f"{source}/{to_micros(at)}")


async def _supported(work: Work, resource: Resource, at: datetime) -> Period | None:
    """From the first day of any provider named to the last day of any."""
    spans = [each.span for each in supporters(resource, to_micros(at)) if await _is_provider(work, each, at)]
    return (min(span[0] for span in spans), max(span[1] for span in spans)) if spans else None


async def _is_provider(work: Work, supporter: Supporter, at: datetime) -> bool:
    code = reference_code(supporter.reference)
    if code is not None:
        known = await named(work.connection, code)
        return known is not None and await kind_of_caller(work.connection, known) == PROVIDER
    member = await staff_member(work.connection, str(supporter.reference.get("reference") or ""), london_date(at))
    roles = member.roles if member is not None else ()
    return any(role.organisation is not None and role.organisation.kind == PROVIDER for role in roles)


async def _begun(work: Work, source: str, starts: datetime, at: datetime) -> datetime:
    """What goes on without a date of its own began when it was first heard of, not when it was last written."""
    if starts != at:
        return starts
    sql = "SELECT at FROM clock_fact WHERE source = $1 AND kind = $2"
    held = await work.connection.fetchval(sql, source, SUPPORT)
    return starts if held is None else from_micros(held)
