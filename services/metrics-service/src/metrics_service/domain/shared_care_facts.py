"""What one event says of a plan, goal, action, referral, medicine, stay in a cohort or clock of a plan.

A fact is what all events about one thing say together, whatever their order:

- of the newest version: deleted, patient, status, category, opened_on (the day that it gives itself), ended_on;
- of all versions, the first day: seen_on (heard of), agreed_on (a shared plan was active), closed_on (work was closed).

So a record that was loaded long after the event has the dates it carries, and a later edit of finished work does not
finish it again. A stay's beginning and end are two facts, because each has its own newest version. Of a clock the
newest version says when it is due, and the first day of stopping stays. A breach may be taken back by a newer version.

What an organisation without access to the person wrote says nothing here: a stranger's Task is received, and must not
move a practice's figures until somebody with access has taken it up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metrics_service.domain.london_days import Day, day_after_end, day_at, first_day
from tandem.canonical import SNOMED_CT
from tandem.events.event import Event
from tandem.fhir.body import Resource

SHARED_PLAN = "2181441000000107"
"""SNOMED CT: Personalised Care and Support Plan; a CarePlan of another category is a record and counts nowhere."""
COUNTED_COHORTS = ("care-home-residents",)
"""Stays in other cohorts are counted by no measure and are not kept."""
AGREEMENT_CLOCK = "agreed-within-seven-days"
"""The clock of careplan-service that runs from admission until the plan is agreed."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one event says; `version` orders it among the others about the same `kind` and `id`."""

    kind: str
    id: str
    version: int
    deleted: bool
    patient: str | None
    seen_on: Day
    status: str | None = None
    category: str | None = None
    opened_on: Day | None = None
    ended_on: Day | None = None
    agreed_on: Day | None = None
    closed_on: Day | None = None


@dataclass(frozen=True, slots=True)
class _Content:
    status: str | None
    category: str | None = None
    opened: str | None = None
    ended: str | None = None
    agreed: bool = False
    closed: bool = False
    closed_at: str | None = None


def said_by(event: Event) -> Said | None:
    """What the event says; None when it is of nothing that is counted, or its author had no access."""
    if event.type is not None:
        return _of_resource(event)
    match event.kind:
        case "tandem.cohort.entered":
            return _of_stay(event, "cohort-entered")
        case "tandem.cohort.left":
            return _of_stay(event, "cohort-left")
        case "tandem.clock.started" | "tandem.clock.stopped":
            return _of_agreement_clock(event)
        case "tandem.clock.breached" | "tandem.clock.breach-withdrawn":
            return _of_breach(event)
    return None


def _of_resource(event: Event) -> Said | None:
    if event.type not in _READ or event.resource_id is None or event.version is None:
        return None
    kind, read = _READ[event.type]
    seen = day_at(event.time)
    if event.data is None:
        # Whoever deletes, it is gone.
        return Said(kind, event.resource_id, event.version, True, event.patient, seen)
    if not event.granted:
        return None
    content = read(event.data)
    closed_on = (first_day(content.closed_at) if content.closed_at else seen) if content.closed else None
    return Said(
        kind, event.resource_id, event.version, False, event.patient, seen, content.status, content.category,
        opened_on=first_day(content.opened) if content.opened else None,
        ended_on=day_after_end(content.ended) if content.ended else None,
        agreed_on=seen if content.agreed else None,
        closed_on=closed_on,
    )  # fmt: skip


def _of_stay(event: Event, kind: str) -> Said | None:
    data = event.data or {}
    if data.get("cohort") not in COUNTED_COHORTS:
        return None
    return Said(
        kind, str(data["residency"]), int(data["revision"]), False, event.patient, day_at(event.time),
        category=data["cohort"],
        opened_on=first_day(data["since"]) if data.get("since") else None,
        # Whoever left on a day is not on the list at its end.
        ended_on=first_day(data["until"]) if data.get("until") else None,
    )  # fmt: skip


def _of_agreement_clock(event: Event) -> Said | None:
    data = event.data or {}
    if data.get("kind") != AGREEMENT_CLOCK:
        return None
    return Said(
        "agreement-clock", str(data["cause"]), int(data["revision"]), False, event.patient,
        day_at(event.time),
        opened_on=first_day(data["starts"]) if data.get("starts") else None,
        ended_on=first_day(data["due"]),
        agreed_on=first_day(data["stopped"]) if data.get("stopped") else None,
    )  # fmt: skip


def _of_breach(event: Event) -> Said | None:
    data = event.data or {}
    if "request" in data:
        # The clock of a request, which referral-service keeps: not one of the shared plan.
        return None
    identity = f"{data['cause']}/{data['kind']}/{data['due']}"
    return Said(
        "clock-breached", identity, int(data["revision"]), event.action == "breach-withdrawn", event.patient,
        day_at(event.time), category=data["kind"], opened_on=first_day(data["due"]),
    )  # fmt: skip


def _plan(plan: Resource) -> _Content:
    shared = any(
        coding.get("system") == SNOMED_CT and coding.get("code") == SHARED_PLAN
        for concept in plan.get("category") or ()
        for coding in concept.get("coding") or ()
    )
    status = plan.get("status")
    return _Content(
        status, SHARED_PLAN if shared else None, plan.get("created"), agreed=shared and status == "active"
    )


def _goal(goal: Resource) -> _Content:
    return _Content(goal.get("lifecycleStatus"), opened=goal.get("startDate"))


def _action(task: Resource) -> _Content:
    status, execution = task.get("status"), task.get("executionPeriod") or {}
    return _Content(
        status, opened=task.get("authoredOn"), closed=status == "completed", closed_at=execution.get("end")
    )


def _referral(request: Resource) -> _Content:
    status = request.get("status")
    return _Content(status, opened=request.get("authoredOn"), closed=status in ("completed", "revoked"))


def _medicine(statement: Resource) -> _Content:
    effect: dict[str, Any] = statement.get("effectivePeriod") or {}
    opened = effect.get("start") or statement.get("effectiveDateTime")
    return _Content(statement.get("status"), opened=opened, ended=effect.get("end"))


_READ: dict[str, tuple[str, Callable[[Resource], _Content]]] = {
    "CarePlan": ("plan", _plan), "Goal": ("goal", _goal), "Task": ("action", _action),
    "ServiceRequest": ("referral", _referral), "MedicationStatement": ("medicine", _medicine),
}  # fmt: skip

COUNTED_TYPES = tuple(_READ)
"""The FHIR types whose events are kept as facts."""
COUNTED_EVENTS = (
    "tandem.clock.started", "tandem.clock.stopped", "tandem.clock.breached", "tandem.clock.breach-withdrawn",
    "tandem.cohort.entered", "tandem.cohort.left",
)  # fmt: skip
"""The domain events that are kept as facts."""
