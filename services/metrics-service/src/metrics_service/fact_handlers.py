"""Events of the other services as sightings of facts.

What an organisation without access to a person wrote about that person is not counted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from metrics_service.domain.facts import Sighting, resource_sighting
from metrics_service.fact_rows import keep_sighting
from tandem.canonical import SNOMED_CT
from tandem.clock import to_micros
from tandem.events.event import Event
from tandem.identity.periods import bounds
from tandem.service import Work

_KINDS = {"CarePlan": "plan", "Goal": "goal", "Task": "action", "ServiceRequest": "referral"}
_SHARED_PLAN = "2181441000000107"


async def see_resource(event: Event, work: Work) -> None:
    """A version of a plan, goal, Task or request."""
    if event.patient is None or not event.granted:
        return
    kind, data = _KINDS[str(event.type)], event.data
    if kind == "plan" and data is not None and not _is_shared_plan(data):
        return
    if data is None:
        status = "deleted"
    else:
        status = str(data.get("lifecycleStatus") if kind == "goal" else data.get("status"))
    at = to_micros(event.time)
    seen = resource_sighting(kind, str(event.resource_id), event.patient, event.version or 0, status, at)
    await keep_sighting(work.connection, seen)


async def see_medicine(event: Event, work: Work) -> None:
    """A statement about a medicine; its code is the medicine, so that each is counted once a person."""
    data = event.data or {}
    if event.patient is None:
        return
    medicine = f"{data['medicine']['system']}|{data['medicine']['code']}"
    identity = str(data["statement"]).removeprefix("MedicationStatement/")
    at, status = to_micros(event.time), str(data["status"])
    seen = resource_sighting("medicine", identity, event.patient, int(data["version"]), status, at, medicine)
    await keep_sighting(work.connection, seen)


async def see_clock(event: Event, work: Work) -> None:
    """A clock that began, was stopped or was closed. Only a beginning orders: it may be told anew."""
    data = event.data or {}
    if event.patient is None:
        return
    identity = f"{data['residency']}/{data['kind']}"
    match event.action:
        case "started":
            seen = Sighting(
                "clock", identity, event.patient, to_micros(event.time), "running", str(data["kind"]),
                opened=_instant(data["starts"]), due=_instant(data["due"]), latest_opening=True,
            )  # fmt: skip
        case "stopped":
            seen = Sighting("clock", identity, event.patient, 0, reached=_instant(data["stopped"]))
        case _:
            seen = Sighting("clock", identity, event.patient, 0, ended=_instant(data["closed"]))
    await keep_sighting(work.connection, seen)


async def see_member(event: Event, work: Work) -> None:
    """Somebody entered a cohort or left it."""
    data = event.data or {}
    if event.patient is None:
        return
    identity, cohort = str(data["residency"]), str(data["cohort"])
    if event.action == "left":
        seen = Sighting("member", identity, event.patient, 0, ended=bounds(str(data["until"]))[0])
    else:
        since = bounds(str(data["since"]))[0]
        seen = Sighting(
            "member", identity, event.patient, int(data["revision"]), "member", cohort, opened=since, latest_opening=True
        )
    await keep_sighting(work.connection, seen)


def _is_shared_plan(plan: dict[str, Any]) -> bool:
    return any(
        coding.get("system") == SNOMED_CT and coding.get("code") == _SHARED_PLAN
        for concept in plan.get("category") or ()
        for coding in concept.get("coding") or ()
    )


def _instant(text: Any) -> int:
    return to_micros(datetime.fromisoformat(str(text).replace("Z", "+00:00")))
