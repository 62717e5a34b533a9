"""What follows when another service asks for a duty, and when somebody joins a network."""

from __future__ import annotations

from datetime import date
from typing import Any

from mdt_service.domain.duties.catalogue import Occurrence
from mdt_service.domain.duties.duty_task import Holder, duty_id, duty_task, free_duty
from mdt_service.duties.duty_events import JOINED
from mdt_service.duties.duty_rows import take
from mdt_service.duties.shipped_catalogue import catalogue
from tandem.canonical import CAUSED_BY_SERVICE
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.organisation_reference import reference_to
from tandem.identity.organisations import reference_code
from tandem.identity.references import resolve
from tandem.london_days import london_date
from tandem.service import Work

_PARTIES = ("organization", "participatingOrganization")


async def give_requested_duty(event: Event, work: Work) -> None:
    """The data of `tandem.duty.requested`: `organisation` (code), `due` (date), and `requirement` or `text`.

    Also, where they are known, `task` (the id it is to have), `first` (date), `network` (code), `service`, `asked_by`
    (code) and `focus` (Reference, instead of the network). A requirement of the catalogue lends its text and its rules.
    Made once for one id.
    """
    asked: dict[str, Any] = event.data or {}
    duty = catalogue().duties.get(asked.get("requirement") or "")
    due, network = date.fromisoformat(asked["due"]), asked.get("network")
    what = duty.requirement if duty is not None else f"{event.source}/{asked['text']}"
    identity = asked.get("task") or duty_id(what, duty.version if duty else 0, asked["organisation"], network, due)
    if not await take(work.connection, identity):
        return
    about = await reference_to(work.connection, network) if network else asked.get("focus")
    holder = Holder(asked["organisation"], await reference_to(work.connection, asked["organisation"]), network, about)
    first = date.fromisoformat(asked["first"]) if asked.get("first") else london_date(work.now)
    if duty is not None:
        first = date.fromisoformat(asked["first"]) if asked.get("first") else min(duty.first, due)
        task = duty_task(Occurrence(duty, first, due), holder, work.now)
    else:
        task = free_duty(identity, asked["text"], min(first, due), due, holder, work.now)
    await work.put({**task, "id": identity, **await _asking(work, asked, known=duty is not None)})


async def plan_for_who_joined(event: Event, work: Work) -> None:
    """A membership or an agreement has changed: once that is settled, its networks look who lacks a duty."""
    if not event.granted or event.data is None:
        return
    named = [code for code in (reference_code(event.data.get(each)) for each in _PARTIES) if code is not None]
    resolved = await resolve(work.connection, named)
    for code in filter(None, resolved.values()):
        for network in await _registers_of(work, code):
            await work.schedule(JOINED, f"{network}/{event.id}", work.now, {"network": network})


async def _registers_of(work: Work, code: str) -> list[str]:
    """The registers that an organisation may bear on: its own, and those of the networks it is a member of."""
    rows = await work.connection.fetch(
        "SELECT network FROM duty_register WHERE network = $1 OR network IN"
        " (SELECT holder FROM membership WHERE member = $1) ORDER BY network", code,
    )  # fmt: skip
    return [row["network"] for row in rows]


async def _asking(work: Work, asked: dict[str, Any], *, known: bool) -> Resource:
    found: Resource = {}
    if asked.get("asked_by"):
        found["requester"] = await reference_to(work.connection, asked["asked_by"])
    if asked.get("service") and not known:
        found["extension"] = [{"url": CAUSED_BY_SERVICE, "valueCode": asked["service"]}]
    return found
