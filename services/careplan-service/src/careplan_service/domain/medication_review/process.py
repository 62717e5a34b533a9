"""The process of medication review as a CarePlan: its episodes and follow-ups are its activities (SMR-026)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from careplan_service.domain.medication_review.codes import REVIEW, REVIEW_NAME
from tandem.canonical import CAUSED_BY_SERVICE
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_ids
from tandem.london_days import london_date

_CAUSE = {"url": CAUSED_BY_SERVICE, "valueCode": "SMR"}


def new_process(identity: str, patient: str, now: datetime) -> Resource:
    """The process that a first episode begins."""
    return {
        "resourceType": "CarePlan", "id": identity, "extension": [_CAUSE], "status": "active", "intent": "plan",
        "category": [{"coding": [REVIEW]}], "title": REVIEW_NAME, "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": london_date(now).isoformat()}, "created": to_instant(now),
    }  # fmt: skip


def with_episode(process: Resource, episode: str, status: str) -> Resource:
    """With an episode (Composition id) in a status of an activity; a follow-up that was planned becomes the episode."""
    activities: list[dict[str, Any]] = list(process.get("activity") or ())
    place = _place(activities, episode, "Composition")
    if place is None:
        place = next((place for place, each in enumerate(activities) if _is_planned(each)), None)
    if place is None:
        activities.append(_activity("in-progress", REVIEW_NAME))
        place = len(activities) - 1
    held = activities[place]
    outcome = held.get("outcomeReference") or [{"reference": f"Composition/{episode}"}]
    activities[place] = {**held, "outcomeReference": outcome, "detail": {**held["detail"], "status": status}}
    return {**process, "activity": activities}


def with_follow_up_planned(process: Resource, day: date) -> Resource:
    """With a follow-up on a day, in place of one that was planned before."""
    kept = [each for each in process.get("activity") or () if not _is_planned(each)]
    planned = _activity("scheduled", "Follow-up of the structured medication review")
    planned["detail"]["scheduledPeriod"] = {"start": day.isoformat(), "end": day.isoformat()}
    return {**process, "activity": [*kept, planned]}


def ended(process: Resource, now: datetime) -> Resource:
    """Completed, without any planned follow-up."""
    kept = [each for each in process.get("activity") or () if not _is_planned(each)]
    period = {**(process.get("period") or {}), "end": london_date(now).isoformat()}
    without = {name: value for name, value in process.items() if name != "activity"}
    return {**without, "status": "completed", "period": period, **({"activity": kept} if kept else {})}


def planned_follow_up(process: Resource) -> str | None:
    """The day of the planned follow-up, an ISO date."""
    days = [each["detail"].get("scheduledPeriod", {}).get("start") for each in process.get("activity") or ()
            if _is_planned(each)]  # fmt: skip
    return days[-1] if days else None


def with_review_shown(plan: Resource, process: str, episodes: list[str], status: str) -> Resource:
    """The person's shared plan with the review among its activities (EHCH-050)."""
    activities: list[dict[str, Any]] = list(plan.get("activity") or ())
    place = _place(activities, process, "CarePlan")
    outcome = [{"reference": f"CarePlan/{process}"}, *({"reference": f"Composition/{each}"} for each in episodes)]
    if place is None:
        activities.append({"extension": [_CAUSE], **_activity(status, REVIEW_NAME)})
        place = len(activities) - 1
    held = activities[place]
    shown = {name: value for name, value in held.items() if name not in ("outcomeReference", "detail")}
    detail = {**(held.get("detail") or {}), "status": status}
    activities[place] = {**shown, "outcomeReference": outcome, "detail": detail}
    return {**plan, "activity": activities}


def _activity(status: str, description: str) -> dict[str, Any]:
    return {
        "detail": {
            "kind": "Appointment", "code": {"coding": [REVIEW]}, "status": status, "description": description,
        }
    }  # fmt: skip


def _place(activities: list[dict[str, Any]], identity: str, kind: str) -> int | None:
    return next(
        (place for place, each in enumerate(activities)
         if identity in target_ids(each.get("outcomeReference"), kind)), None,
    )  # fmt: skip


def _is_planned(activity: dict[str, Any]) -> bool:
    detail = activity.get("detail") or {}
    codings = (detail.get("code") or {}).get("coding") or ()
    return (
        detail.get("status") == "scheduled" and not activity.get("outcomeReference")
        and any(each.get("code") == REVIEW["code"] for each in codings)
    )  # fmt: skip
