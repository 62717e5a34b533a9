"""Codes and dates in words that everybody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from tandem.clock import LONDON
from tandem.identity.periods import bounds
from tandem.london_days import date_of, day_at

GOAL_STATUS: Final = {
    "proposed": "suggested", "planned": "planned", "accepted": "agreed", "active": "we are working on it",
    "on-hold": "paused", "completed": "done", "cancelled": "given up", "rejected": "not wanted",
}  # fmt: skip
GOAL_PROGRESS: Final = {
    "in-progress": "under way", "improving": "getting better", "worsening": "getting worse", "no-change": "no change",
    "achieved": "achieved", "sustaining": "achieved and kept up", "not-achieved": "not achieved",
    "no-progress": "no progress yet", "not-attainable": "cannot be reached",
}  # fmt: skip
WORK_STATUS: Final = {
    "draft": "being prepared", "requested": "asked for", "received": "asked for", "accepted": "agreed to",
    "rejected": "turned down", "ready": "ready to start", "cancelled": "cancelled", "in-progress": "under way",
    "on-hold": "paused", "failed": "could not be done", "completed": "done", "active": "asked for",
    "revoked": "cancelled", "not-started": "not started yet", "scheduled": "booked", "stopped": "stopped",
    "unknown": "not known", "proposed": "suggested", "pending": "waiting to be confirmed", "booked": "booked",
    "arrived": "under way", "fulfilled": "done", "noshow": "missed", "checked-in": "under way", "waitlist": "waiting",
}  # fmt: skip
FINISHED_WORK: Final = frozenset({
    "completed", "cancelled", "rejected", "failed", "revoked", "stopped", "fulfilled", "noshow",
})  # fmt: skip
TEAM_ROLES: Final = {
    "named-gp": "Named GP", "care-coordinator": "Care co-ordinator", "responsible-lead": "Responsible for this plan",
    "named-professional": "Named professional", "key-contact": "Main contact", "clinical-team": "Clinical team",
    "carer": "Carer",
}  # fmt: skip
RESUSCITATION: Final = {
    "attempt": "YES – please try to restart my heart (attempt CPR)",
    "do-not-attempt": "NO – do not try to restart my heart (do not attempt CPR)",
    "undecided": "Not decided yet",
}  # fmt: skip
FORUMS: Final = {
    "consultation": "at an appointment", "home-visit": "on a home visit", "care-home-round": "on a care home round",
    "mdt-meeting": "at a team meeting", "hospital": "in hospital", "telephone": "by telephone", "video": "by video",
}  # fmt: skip
PLAN_STATUS: Final = {
    "draft": "This plan is a draft. It has not been agreed yet.",
    "on-hold": "This plan is paused. Ask whether it still holds.",
    "revoked": "This plan is closed. Do not use it.",
    "completed": "This plan is closed. Do not use it.",
    "entered-in-error": "This plan was made by mistake. Do not use it.",
}  # fmt: skip
_PARTS = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def day_in_words(day: date) -> str:
    """6 July 2020."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def date_in_words(text: Any) -> str:
    """A FHIR date or dateTime: `6 July 2020`, `July 2020` or `2020`, on the day of London; empty for none."""
    if not isinstance(text, str) or (found := _PARTS.match(text)) is None:
        return ""
    if "T" in text:
        return day_in_words(date_of(day_at(bounds(text)[0])))
    year, month, day = found.groups()
    words = [str(int(day))] if day else []
    return " ".join([*words, *([_MONTHS[int(month) - 1]] if month else []), year])


def time_in_words(moment: datetime) -> str:
    """1 July 2020 at 9:05."""
    local = moment.astimezone(LONDON)
    return f"{day_in_words(local.date())} at {local.hour}:{local.minute:02}"


def day_of(text: Any) -> date | None:
    """The day of a FHIR date or dateTime that names one."""
    if not isinstance(text, str) or len(text) < len("2020-07-06"):
        return None
    return date_of(day_at(bounds(text)[0])) if "T" in text else date.fromisoformat(text)


def concept_in_words(concept: Any) -> str:
    """What a CodeableConcept says, in words; a code alone says nothing to anybody, and is empty."""
    concept = concept or {}
    displays = (each["display"] for each in concept.get("coding") or () if each.get("display"))
    return str(concept.get("text") or next(displays, ""))


def codes_of(concepts: Iterable[Any]) -> list[str]:
    """The codes of CodeableConcepts."""
    return [each["code"] for concept in concepts for each in (concept or {}).get("coding") or () if each.get("code")]


def spaced_nhs_number(number: str) -> str:
    """999 000 0018, as it is printed everywhere."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if len(number) == 10 else number


def shortened(text: str, most: int) -> str:
    """The text up to a whole word; what is left out is shown by dots."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[:most].rsplit(" ", 1)[0].rstrip(",.;:") + " …"
