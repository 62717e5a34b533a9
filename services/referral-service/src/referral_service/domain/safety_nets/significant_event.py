"""Which diagnoses are looked at in significant event analysis: presented many times, late, or as an emergency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from referral_service.domain.safety_nets.diagnosis import LATE_STAGES, Diagnosis
from tandem.nhs.working_days import add_days


@dataclass(frozen=True, slots=True)
class EventPolicy:
    """A case is one with `presentations` within `days` before diagnosis, or `interval` days from the first to it."""

    version: str
    first_day: date
    source: str
    presentations: int
    days: int
    interval: int


@dataclass(frozen=True, slots=True)
class Case:
    """Why a diagnosis is a case: `presented-often`, `late-stage`, `long-interval`, `emergency`."""

    reasons: tuple[str, ...]
    presented: int
    interval: int | None


def case_of(diagnosis: Diagnosis, presentations: Sequence[date], policy: EventPolicy) -> Case | None:
    """The case, or None. `presentations` are the days on which the person is known to have come with it."""
    window = add_days(diagnosis.day, -policy.days)
    known = sorted({day for day in presentations if window <= day <= diagnosis.day})
    presented = max(len(known), diagnosis.presented or 0)
    first = min([*known, *([diagnosis.first] if diagnosis.first is not None else [])], default=None)
    interval = None if first is None else (diagnosis.day - first).days
    reasons = {
        "presented-often": presented >= policy.presentations, "late-stage": diagnosis.stage in LATE_STAGES,
        "long-interval": interval is not None and interval > policy.interval,
        "emergency": diagnosis.route == "emergency",
    }  # fmt: skip
    found = tuple(name for name, holds in reasons.items() if holds)
    return Case(found, presented, interval) if found else None


def event_policy_of(raw: Mapping[str, Any]) -> EventPolicy:
    """A policy as its file has it."""
    return EventPolicy(
        str(raw["version"]), raw["from"], str(raw["source"]), int(raw["presentations"]), int(raw["days"]),
        int(raw["interval"]),
    )  # fmt: skip
