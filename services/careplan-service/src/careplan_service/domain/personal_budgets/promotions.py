"""A promotion or an offer of a personal health budget, due until what came of it is recorded (PC-009, PC-010)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum


class Reason(Enum):
    """Why a budget is to be talked about with somebody."""

    LEGAL_RIGHT = "legal-right"
    LOCAL_OFFER = "local-offer"
    DIRECT_OFFER = "direct-offer"


ANSWERS = frozenset({"accepted", "declined"})
"""Outcomes that end a promotion; who is considering it is asked again."""


@dataclass(frozen=True, slots=True)
class Due:
    """A reason since a day; `cohort` and `commissioner` for those that rest on an offer."""

    reason: Reason
    since: date
    cohort: str | None = None
    commissioner: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a conversation on a day; `legal_right` says that it was about a budget that the person may claim."""

    day: date
    legal_right: bool
    outcome: str


def still_due(due: Iterable[Due], outcomes: Iterable[Outcome], day: date) -> list[Due]:
    """Those of the reasons that no outcome until a day has answered, the oldest first."""
    told = [each for each in outcomes if each.outcome in ANSWERS and each.day <= day]
    return sorted(
        (each for each in due if each.since <= day and not any(_answers(outcome, each) for outcome in told)),
        key=lambda each: (each.since, each.reason.value, each.cohort or ""),
    )


def _answers(outcome: Outcome, due: Due) -> bool:
    """A conversation on the day it became due or later, about the same kind of budget."""
    return outcome.day >= due.since and outcome.legal_right == (due.reason is Reason.LEGAL_RIGHT)
