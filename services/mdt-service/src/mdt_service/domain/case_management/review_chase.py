"""A practice that has not reviewed the admissions of a month is asked to, once (PCPC-036; 003 §2.3 AUA b10)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from mdt_service.domain.case_management.admission_review import SCOPE, month_scope
from mdt_service.domain.task_transitions import may_follow
from tandem.canonical import TASK_KIND
from tandem.clock import LONDON, to_instant
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id

CHASE: Final = "chase"

_WAY: Final = ("accepted", "in-progress", "completed")


def month_after(month: date) -> date:
    """The first day of the month that follows the one of this day."""
    return (month.replace(day=1) + timedelta(days=31)).replace(day=1)


def chased_on(month: date, days: int) -> datetime:
    """The morning on which a month is chased: so many days after its end, at eight in London."""
    day = month_after(month) + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 8, tzinfo=LONDON)


def chase_id(scope: str) -> str:
    """The id of the one Task that chases a review (see `month_scope`)."""
    return deterministic_id("admission-review-chase", scope)


def review_chase(practice: str, by: dict[str, Any], month: date, now: datetime) -> Resource:
    """The Task that asks a practice (its code, and a Reference to it) to review a month. It names nobody."""
    scope = month_scope(practice, month)
    return {
        "resourceType": "Task", "id": chase_id(scope), "status": "requested", "intent": "order", "priority": "urgent",
        "code": {"coding": [{"system": TASK_KIND, "code": CHASE}], "text": "Review the admissions of a month"},
        "description": f"Unplanned admissions and attendances of {month:%B %Y} are not reviewed yet",
        "groupIdentifier": {"system": SCOPE, "value": scope}, "owner": by, "authoredOn": to_instant(now),
        "lastModified": to_instant(now),
    }  # fmt: skip


def answered(chase: Resource) -> list[Resource]:
    """The versions by which a chase is completed, now that the month was reviewed; none if it had ended."""
    versions, held = list[Resource](), chase
    for status in _WAY:
        if may_follow(str(held.get("status")), status):
            held = {**held, "status": status}
            versions.append(held)
    return versions if held.get("status") == "completed" else []
