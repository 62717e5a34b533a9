"""What the performer's Task says of an urgent request: that it was answered, and when somebody was with the person."""

from __future__ import annotations

from typing import Any

from referral_service.clocks.clock_rows import held
from referral_service.domain.referral_loop import carries_the_state
from referral_service.domain.urgent_response.clock_rule import ClockRule
from referral_service.domain.urgent_response.response_facts import task_fact
from referral_service.loops.requester import code_of_reference
from referral_service.urgent_response.request_reaction import urgent_rule
from referral_service.urgent_response.response_rows import bring_in_step, fact_of, has_clock, keep_fact, started
from tandem.events.event import Event
from tandem.fhir.literal_reference import target_id
from tandem.fhir.store import hold
from tandem.identity.organisations import reference_code
from tandem.service import Work


async def note_urgent_response(event: Event, work: Work) -> None:
    """Keep what this version says, and end the clock by it. Only a Task about the same person counts, by the loop of
    the request or of the organisation that was asked, whose writer had access to the person."""
    task: dict[str, Any] = event.data or {"status": "deleted"}
    source = f"Task/{event.resource_id}"
    request_id = await _request_of(event, source, work)
    if request_id is None or not event.granted or (event.data is not None and not carries_the_state(task)):
        return
    # Most Tasks are about other referrals: that is asked first, and costs one look at the key.
    if not await has_clock(work.connection, request_id):
        return
    await hold(work.connection, [("ServiceRequest", request_id)])
    rule = await _rule(event, request_id, work)
    begun = await started(work.connection, request_id, rule) if rule is not None else None
    if rule is None or begun is None:
        return
    before, version = await fact_of(work.connection, request_id, source)
    if (event.version or 1) <= version or (event.data is not None and not await _counts(task, event, rule, work)):
        return
    after = task_fact(task, event.time, begun, before)
    await keep_fact(work.connection, request_id, after, version=event.version or 1)
    await bring_in_step(work, request_id, rule)


async def _request_of(event: Event, source: str, work: Work) -> str | None:
    if event.data is not None:
        return target_id(event.data.get("focus"), "ServiceRequest")
    # A Task that was deleted says no more what it was about.
    found: str | None = await work.connection.fetchval("SELECT request FROM urgent_fact WHERE source = $1", source)
    return found


async def _rule(event: Event, request_id: str, work: Work) -> ClockRule | None:
    person = await work.connection.fetchval(
        "SELECT patient FROM resource WHERE type = 'ServiceRequest' AND id = $1 AND deleted = 0", request_id
    )
    request = await work.read("ServiceRequest", request_id)
    if request is None or person is None or (event.data is not None and person != event.patient):
        return None
    return await urgent_rule(work.connection, request_id, request, event.time)


async def _counts(task: dict[str, Any], event: Event, rule: ClockRule, work: Work) -> bool:
    request_id = str(target_id(task.get("focus"), "ServiceRequest"))
    own = await work.connection.fetchval("SELECT task FROM referral_loop WHERE request = $1", request_id)
    if own == event.resource_id:
        return True
    kept = await held(work.connection, request_id, rule.kind)
    owner = kept.clock.owner if kept is not None and kept.clock is not None else None
    named = reference_code(task.get("owner"))
    return owner is not None and named is not None and await code_of_reference(work.connection, named) == owner
