"""Active case management of a person, as Tasks: the arrangement until the next review, and its proactive contacts.

The arrangement is a Task of kind `register-review` that is due on the day of the next review; it holds the level of
need, the contacts and what was agreed with whom. The next one replaces it, so these Tasks are the history (PCPC-033,
PCPC-049, PCPC-053, PCPC-085).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from mdt_service.domain.case_management.codes import output_of, value_of
from mdt_service.domain.task_transitions import may_follow
from tandem.canonical import STAFF_KIND, TASK_KIND
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id
from tandem.nhs.staff_kinds import kind_names
from tandem.nhs.working_days import add_days

REGISTER_REVIEW: Final = "register-review"
PROACTIVE_CONTACT: Final = "proactive-contact"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What holds from a day until the next review; `disciplines` are kinds of staff who take part in it.

    `agreed_with` is the Reference to the person or a carer with whom interval and disciplines were agreed.
    """

    number: int
    level: str
    since: date
    contact_days: int
    contact_minutes: int
    interval_weeks: int
    disciplines: tuple[str, ...] = ()
    agreed_with: str | None = None

    @property
    def next_review(self) -> date:
        """The day by which the person is reviewed again."""
        return add_days(self.since, 7 * self.interval_weeks)

    def contact_due(self, number: int) -> date:
        """The day of a proactive contact; they are numbered from 1."""
        return add_days(self.since, number * self.contact_days)


def arrangement_task(
    arrangement: Arrangement, patient: str, practice: dict[str, Any], item: str | None, now: datetime
) -> Resource:
    """The Task of an arrangement; `item` is the agenda item at which it was decided, if at one."""
    inputs = [
        output_of("number", valueInteger=arrangement.number), output_of("level", valueCode=arrangement.level),
        output_of("contact-days", valueInteger=arrangement.contact_days),
        output_of("contact-minutes", valueInteger=arrangement.contact_minutes),
        output_of("interval-weeks", valueInteger=arrangement.interval_weeks),
    ]  # fmt: skip
    if arrangement.agreed_with is not None:
        inputs.append(output_of("agreed-with", valueReference={"reference": arrangement.agreed_with}))
    period = {"start": arrangement.since.isoformat(), "end": arrangement.next_review.isoformat()}
    identity = deterministic_id(REGISTER_REVIEW, patient, str(arrangement.number))
    task = _task(identity, REGISTER_REVIEW, "Review by the multidisciplinary team", patient, practice, now) | {
        "restriction": {"period": period}, "input": inputs,
    }  # fmt: skip
    codings = [{"system": STAFF_KIND, "code": each, "display": kind_names()[each]} for each in arrangement.disciplines]
    task |= {"performerType": [{"coding": [each]} for each in codings]} if codings else {}
    return task | ({"partOf": [{"reference": f"Task/{item}"}]} if item is not None else {})


def arrangement_in(task: Resource) -> Arrangement | None:
    """The arrangement that a Task holds; None for one that was made otherwise."""
    told = {name: value_of(task, name, "input") for name in _NUMBERS}
    start = ((task.get("restriction") or {}).get("period") or {}).get("start")
    if start is None or any(value is None for value in told.values()):
        return None
    codings = [each for concept in task.get("performerType") or () for each in concept.get("coding") or ()]
    return Arrangement(
        int(told["number"]), str(value_of(task, "level", "input")), date.fromisoformat(str(start)[:10]),
        int(told["contact-days"]), int(told["contact-minutes"]), int(told["interval-weeks"]),
        tuple(str(each["code"]) for each in codings if each.get("system") == STAFF_KIND),
        (value_of(task, "agreed-with", "input") or {}).get("reference"),
    )  # fmt: skip


def contact_task(
    arrangement: Arrangement, review: Resource, number: int, owner: dict[str, Any], now: datetime
) -> Resource:
    """One proactive contact, due on its day; missed, it is overdue until somebody ends it (PCPC-033)."""
    patient = str(review["for"]["reference"]).removeprefix("Patient/")
    identity = deterministic_id(PROACTIVE_CONTACT, str(review["id"]), str(number))
    words = f"Proactive contact of {arrangement.contact_minutes} minutes"
    return _task(identity, PROACTIVE_CONTACT, words, patient, owner, now) | {
        "partOf": [{"reference": f"Task/{review['id']}"}], "input": [output_of("number", valueInteger=number)],
        "restriction": {"period": {"end": arrangement.contact_due(number).isoformat()}},
    }  # fmt: skip


def replaced(task: Resource) -> Resource | None:
    """A Task of the arrangement before, ended by the new one; None when it has ended already."""
    if not may_follow(str(task.get("status")), "cancelled") or task.get("status") == "cancelled":
        return None
    return {**task, "status": "cancelled", "statusReason": {"text": "Replaced by what a review decided"}}


_NUMBERS: Final = ("number", "contact-days", "contact-minutes", "interval-weeks")


def _task(identity: str, kind: str, words: str, patient: str, owner: dict[str, Any], now: datetime) -> Resource:
    return {
        "resourceType": "Task", "id": identity, "status": "requested", "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": kind}]}, "description": words,
        "for": {"reference": f"Patient/{patient}"}, "owner": owner, "authoredOn": to_instant(now),
        "lastModified": to_instant(now),
    }  # fmt: skip
