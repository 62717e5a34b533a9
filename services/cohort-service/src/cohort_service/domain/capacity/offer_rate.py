"""A lower offer rate than the standard: asked for by a network with evidence, agreed by its commissioner (SMR-035).

"A lower offer rate needs commissioner agreement of proven capacity constraints after all reasonable attempts to ensure
capacity": 000 paragraph 2.15.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

STANDARD_PERCENT: Final = 100.0
SOURCE: Final = "000 §2.15 b5"
DECISIONS: Final = ("approved", "declined")


@dataclass(frozen=True, slots=True)
class RateRequest:
    """`first` and `last` are days of the financial year; `attempts` what was tried to have the capacity."""

    percent: float
    first: int
    last: int
    evidence: str
    attempts: Sequence[str]


@dataclass(frozen=True, slots=True)
class AgreedRate:
    """A rate that a commissioner approved; `decided` (microseconds) orders those that overlap."""

    percent: float
    first: int
    last: int
    decided: int


def faults_of_request(
    request: RateRequest, achievable: float | None, staff_known: bool, year: tuple[int, int]
) -> list[str]:
    """Why a request is refused: `achievable` is the rate that the capacity plan shows, in percent."""
    found = []
    possible = 0 <= request.percent < STANDARD_PERCENT
    if not possible:
        found.append(f"percent is lower than the standard of {STANDARD_PERCENT:g}, and not below 0")
    if not year[0] <= request.first <= request.last <= year[1]:
        found.append("from and until are days of the financial year, in this order")
    if not request.evidence.strip():
        found.append("evidence tells in words what limits the capacity; without evidence no lower rate is considered")
    if not any(each.strip() for each in request.attempts):
        found.append("attempt tells, once for each, what was tried to have the capacity")
    if not staff_known:
        found.append("No staff in post are recorded for the year, so nothing shows what capacity there is")
    elif achievable is None:
        found.append("Nobody is identified, so there is nothing that capacity could limit")
    elif achievable >= STANDARD_PERCENT or (possible and request.percent < achievable):
        found.append(f"The capacity plan shows that {achievable:g} percent can be reached; a lower rate is not proven")
    return found


def rate_on(agreed: Iterable[AgreedRate], day: int) -> float:
    """The percentage that must be offered it on a day: the standard, unless a lower one was approved."""
    holding = [each for each in agreed if each.first <= day <= each.last]
    return max(holding, key=lambda each: each.decided).percent if holding else STANDARD_PERCENT
