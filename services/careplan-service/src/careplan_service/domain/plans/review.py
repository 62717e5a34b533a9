"""A review of the shared plan: why, by whom, what became of the goals, and when the next one is (EHCH-041, PCPC-055).

The last review stands on the plan in an extension; those before it are in the versions of the plan. A plan is refreshed
at least yearly (000 §3.16 r7 b1), and reviewed again and again for as long as needs are complex (003 §2.4 b7).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tandem.canonical import PLAN_REVIEW
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.london_days import london_date

GOAL_ACHIEVEMENT = "http://terminology.hl7.org/CodeSystem/goal-achievement"
ACHIEVEMENTS = (
    "in-progress", "improving", "worsening", "no-change", "achieved", "sustaining", "not-achieved", "no-progress",
    "not-attainable",
)  # fmt: skip
"""http://hl7.org/fhir/R4/valueset-goal-achievement.html"""
IN_FORCE = ("active", "on-hold")
"""Statuses of a plan that was agreed and is not ended: it is reviewed."""


@dataclass(frozen=True, slots=True)
class Interval:
    """How many months may pass until the next review, and by which rule."""

    months: int
    source: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """The intervals by programme."""

    version: str
    intervals: Mapping[str, Interval]

    def interval(self, programmes: Iterable[str]) -> Interval:
        """The shortest that binds."""
        found = [self.intervals[each] for each in sorted(programmes) if each in self.intervals]
        return min(found, key=lambda each: each.months)


@dataclass(frozen=True, slots=True)
class Progress:
    """How a goal goes: `achievement` is one of ACHIEVEMENTS."""

    goal: str
    achievement: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """`reason` is a CodeableConcept, `reviewer` a Reference."""

    at: datetime
    reason: dict[str, Any]
    reviewer: dict[str, Any]
    next: date
    note: str | None = None
    progress: tuple[Progress, ...] = ()


def policy_of(raw: Mapping[str, Any]) -> ReviewPolicy:
    """The policy of its file."""
    intervals = {
        name: Interval(int(each["months"]), str(each["source"]), tuple(each["requirements"]))
        for name, each in raw["intervals"].items()
    }
    return ReviewPolicy(str(raw["version"]), intervals)


def latest_next(day: date, interval: Interval) -> date:
    """The last day on which the next review may be: so many months on, or the last day of a shorter month."""
    month = day.month - 1 + interval.months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def review_faults(
    plan: Resource, review: Review, day: date, interval: Interval, goals: frozenset[str], asks_for_progress: bool
) -> Iterator[Issue]:
    """What keeps a review from being recorded; `goals` are those of the goals it names that are the person's."""
    if plan.get("status") not in IN_FORCE:
        yield Issue("Only a plan that was agreed is reviewed: it is active or on hold (EHCH-041)", "CarePlan.status")
    rule = f"{interval.source}; {', '.join(interval.requirements)}"
    if review.next <= day:
        yield Issue(f"The next review lies after this one ({rule})", "next")
    elif review.next > latest_next(day, interval):
        text = f"The next review is within {interval.months} months, by {latest_next(day, interval).isoformat()}"
        yield Issue(f"{text} ({rule})", "next")
    for each in review.progress:
        if each.goal not in goals:
            yield Issue(f"Goal/{each.goal} is no goal of this person", "goal")
    if asks_for_progress and not review.progress:
        text = "A review says how the goals go while needs are complex: give goal with achievement for one at least"
        yield Issue(f"{text} (003 §2.4 b7; PCPC-055)", "goal", code="required")


def with_review(plan: Resource, review: Review) -> Resource:
    """The plan with this as its last review."""
    parts: list[dict[str, Any]] = [
        {"url": "at", "valueDateTime": to_instant(review.at)},
        {"url": "reason", "valueCodeableConcept": review.reason},
        {"url": "reviewer", "valueReference": review.reviewer},
        {"url": "next", "valueDate": review.next.isoformat()},
    ]
    if review.note is not None:
        parts.append({"url": "note", "valueString": review.note})
    others = [each for each in plan.get("extension") or () if each.get("url") != PLAN_REVIEW]
    return {**plan, "extension": [*others, {"url": PLAN_REVIEW, "extension": parts}]}


def next_review(plan: Resource) -> date | None:
    """When the last review on the plan says that the next one is."""
    for extension in plan.get("extension") or ():
        if extension.get("url") == PLAN_REVIEW:
            for part in extension.get("extension") or ():
                if part.get("url") == "next" and isinstance(part.get("valueDate"), str):
                    return day_of_text(part["valueDate"])
    return None


def day_of_text(text: str) -> date | None:
    """A whole date; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def with_progress(goal: Resource, progress: Progress, review: Review) -> Resource:
    """The goal with how it goes, since when, and the note of it."""
    coding = {"system": GOAL_ACHIEVEMENT, "code": progress.achievement}
    changed = {
        **goal, "achievementStatus": {"coding": [coding]}, "statusDate": london_date(review.at).isoformat(),
    }  # fmt: skip
    if progress.note is not None:
        note = {"authorReference": review.reviewer, "time": to_instant(review.at), "text": progress.note}
        changed["note"] = [*(goal.get("note") or ()), note]
    return changed
