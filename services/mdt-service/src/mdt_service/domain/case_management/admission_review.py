"""Reviewing unplanned admissions and attendances with follow-up action (PCPC-036, PCPC-037), as Tasks.

One Task reviews one contact: `focus` is the Encounter, and its output the decision. One without a person closes a
month of a practice, or the review of a home: `groupIdentifier` says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from mdt_service.domain.case_management.codes import output_of, output_text
from mdt_service.domain.case_management.hospital_contact import HospitalContact
from mdt_service.domain.tasks.due import kind_of
from tandem.canonical import BASE, TASK_KIND
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id
from tandem.fhir.outcome import Issue
from tandem.ids import deterministic_id

ADMISSION_REVIEW: Final = "admission-review"
FOLLOW_UP, NO_FURTHER_ACTION = "follow-up", "no-further-action"
DECISIONS: Final = (FOLLOW_UP, NO_FURTHER_ACTION)
SCOPE: Final = f"{BASE}/Id/admission-review"
"""Identifier of what was reviewed as a whole: `month/[practice]/2020-06`, `home/[home]/[organisation]`."""
_DECISION: Final = "decision"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a Task says was reviewed: one contact with its decision, or a whole."""

    encounter: str | None
    scope: str | None
    decision: str | None


def reviewed_by(task: Resource | None) -> Reviewed | None:
    """What a Task reviews; None when it is no review, or not a completed one."""
    if task is None or kind_of(task) != ADMISSION_REVIEW or task.get("status") != "completed":
        return None
    encounter, group = target_id(task.get("focus"), "Encounter"), task.get("groupIdentifier") or {}
    scope = str(group.get("value")) if group.get("system") == SCOPE else None
    if encounter is None and scope is None:
        return None
    return Reviewed(encounter, scope, output_text(task, _DECISION))


def month_scope(practice: str, first: date) -> str:
    """The review of a practice's month."""
    return f"month/{practice}/{first:%Y-%m}"


def home_scope(home: str, organisation: str) -> str:
    """The reviews of a home by an organisation (codes)."""
    return f"home/{home}/{organisation}"


def contact_review(
    encounter: str, patient: str, by: dict[str, Any], decision: str, note: str, now: datetime
) -> Resource:
    """The Task that says what was decided of one contact."""
    outputs = [output_of(_DECISION, valueCode=decision), output_of("note", valueString=note)]
    return _review(deterministic_id("admission-review", encounter, to_instant(now)), by, now) | {
        "for": {"reference": f"Patient/{patient}"}, "focus": {"reference": f"Encounter/{encounter}"},
        "output": outputs,
    }  # fmt: skip


def whole_review(scope: str, by: dict[str, Any], count: int, now: datetime) -> Resource:
    """The Task that closes a month, or the review of a home; it names nobody."""
    return _review(deterministic_id("admission-review", scope, to_instant(now)), by, now) | {
        "groupIdentifier": {"system": SCOPE, "value": scope}, "output": [output_of("reviewed", valueInteger=count)],
    }  # fmt: skip


def follow_up_of(review: Resource, what: str, owner: dict[str, Any], due: date, now: datetime) -> Resource:
    """The follow-up action that was decided."""
    return {
        "resourceType": "Task", "id": deterministic_id("review-follow-up", str(review["id"])), "status": "requested",
        "intent": "order", "code": {"coding": [{"system": TASK_KIND, "code": FOLLOW_UP}]}, "description": what,
        "partOf": [{"reference": f"Task/{review['id']}"}], "for": review["for"], "focus": review["focus"],
        "owner": owner, "authoredOn": to_instant(now), "lastModified": to_instant(now),
        "restriction": {"period": {"end": due.isoformat()}},
    }  # fmt: skip


def faults_of_closing(undecided: Sequence[HospitalContact]) -> list[Issue]:
    """A review closes only with follow-up decided for each contact, or that none is needed."""
    return [
        Issue(
            f"Encounter/{each.encounter} ({each.kind}) has no decision: give a contact with decision follow-up or"
            " no-further-action (003 §2.3 AUA b10)", "close",
        )
        for each in undecided
    ]  # fmt: skip


def _review(identity: str, by: dict[str, Any], now: datetime) -> Resource:
    return {
        "resourceType": "Task", "id": identity, "status": "completed", "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": ADMISSION_REVIEW, "display": "Review of admissions"}]},
        "owner": by, "authoredOn": to_instant(now), "lastModified": to_instant(now),
        "executionPeriod": {"end": to_instant(now)},
    }  # fmt: skip


