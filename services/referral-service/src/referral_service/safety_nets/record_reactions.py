"""Results of this service and appointments of mdt-service, as facts of the nets whose requests they are based on."""

from __future__ import annotations

from typing import Any

from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.record_facts import appointment_fact, report_fact
from referral_service.safety_nets.chasing import chase_ended
from referral_service.safety_nets.fact_rows import add_fact, hold_nets, next_moment, requests_of
from referral_service.safety_nets.keep_net import keep_net
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.service import Change, Work


async def report_changed(change: Change, work: Work) -> None:
    """A DiagnosticReport was written: received results stay open until somebody acts on them (ECD-007)."""
    based_on = set(target_ids((change.after or {}).get("basedOn"), "ServiceRequest"))
    linked = based_on | set(target_ids((change.before or {}).get("basedOn"), "ServiceRequest"))
    if change.patient is None or not linked:
        return
    await hold_nets(work.connection, linked)
    for request in sorted(linked):
        at = await next_moment(work.connection, request, change.now)
        said = change.after if request in based_on else None
        fact = report_fact(said, change.id, _version(change.before) + 1, at)
        await add_fact(work.connection, request, change.patient, fact)
        await keep_net(work, request)


async def appointment_changed(event: Event, work: Work) -> None:
    """An Appointment was written, by an organisation with access to the person."""
    if not event.granted or event.version is None:
        return
    source = f"Appointment/{event.resource_id}"
    based_on = set(target_ids((event.data or {}).get("basedOn"), "ServiceRequest"))
    if event.version == 1 and not based_on:
        return
    linked = based_on | await requests_of(work.connection, source)
    await hold_nets(work.connection, linked)
    for request in sorted(linked):
        said = event.data if request in based_on else None
        patient = event.patient or await _patient(work, request, source)
        if patient is not None:
            await _keep(
                work, request, patient, appointment_fact(said, str(event.resource_id), event.version, event.time)
            )


async def chase_task_changed(event: Event, work: Work) -> None:
    """A Task was ended by hand: while the net still waits, it is asked for again."""
    request = await chase_ended(event, work)
    if request is not None:
        await keep_net(work, request)


async def _keep(work: Work, request: str, patient: str, fact: Fact) -> None:
    await add_fact(work.connection, request, patient, fact)
    await keep_net(work, request)


async def _patient(work: Work, request: str, source: str) -> str | None:
    """Whom the Appointment was about before it was deleted."""
    found: Any = await work.connection.fetchval(
        "SELECT patient FROM safety_net_fact WHERE request = $1 AND source = $2 ORDER BY version DESC LIMIT 1",
        request, source,
    )  # fmt: skip
    return None if found is None else str(found)


def _version(before: Resource | None) -> int:
    return int(((before or {}).get("meta") or {}).get("versionId") or 0)
