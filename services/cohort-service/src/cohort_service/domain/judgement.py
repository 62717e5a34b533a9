"""A clinician's word over what was computed of one person and one list, and which of several words counts.

Two questions are judged apart: whether the person is on the list (SMR-002, AC-039), and whether multidisciplinary
intervention is likely to help, which moves the person up or down (AC-037).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Decision = Literal["add", "remove", "amenable", "not-amenable", "clear"]
DECISIONS: tuple[Decision, ...] = ("add", "remove", "amenable", "not-amenable", "clear")


@dataclass(frozen=True, slots=True)
class Judgement:
    """One word. `number` orders those of a person and list; `at` is microseconds.

    `until_day` (a day as in Fact) is the first day on which it no longer counts. `reason_code` is a Coding. `author`
    and `organisation` say whose word it is: a Practitioner reference or what the token gives, and a code.
    """

    number: int
    decision: Decision
    reason: str
    author: str
    organisation: str
    at: int
    reason_code: dict[str, Any] | None = None
    tool: str | None = None
    until_day: int | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """The words that count: of membership (add or remove) and of priority (amenable or not)."""

    membership: Judgement | None = None
    priority: Judgement | None = None

    @property
    def adds(self) -> bool:
        return self.membership is not None and self.membership.decision == "add"

    @property
    def removes(self) -> bool:
        return self.membership is not None and self.membership.decision == "remove"

    @property
    def order(self) -> int:
        """1 for amenable, -1 for not amenable, 0 when nobody said."""
        if self.priority is None:
            return 0
        return 1 if self.priority.decision == "amenable" else -1

    @property
    def all(self) -> tuple[Judgement, ...]:
        return tuple(each for each in (self.membership, self.priority) if each is not None)


NOTHING_JUDGED = InForce()


def in_force(judgements: Iterable[Judgement], day: int) -> InForce:
    """Of each question the newest word counts that has not expired by `day`; `clear` takes back all before it.

    A word that expires leaves what was said before it standing again, if that has not expired either.
    """
    membership: Judgement | None = None
    priority: Judgement | None = None
    for each in sorted(judgements, key=lambda judgement: judgement.number):
        if each.until_day is not None and each.until_day <= day:
            continue
        if each.decision == "clear":
            membership = priority = None
        elif each.decision in ("add", "remove"):
            membership = each
        else:
            priority = each
    return InForce(membership, priority)


LONGEST_REASON = 2000
"""Characters of a reason or a tool."""


def faults(judgement: Judgement, day: int) -> list[str]:
    """Why a judgement is refused on `day`: without a reason (SMR-002), too long, or expired before it counts."""
    found: list[str] = []
    if not judgement.reason.strip():
        found.append("A judgement has a reason: give reason, in words that others can weigh")
    if max(len(judgement.reason), len(judgement.tool or "")) > LONGEST_REASON:
        found.append(f"reason and tool have at most {LONGEST_REASON} characters")
    if judgement.until_day is not None and judgement.until_day <= day:
        found.append("expiry is a date after today")
    return found
