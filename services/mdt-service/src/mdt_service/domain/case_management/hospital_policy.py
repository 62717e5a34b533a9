"""How soon somebody is followed up after hospital, and what counts as a readmission: dated versions of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mdt_service.domain.case_management.hospital_contact import ADMISSIONS, HospitalContact
from tandem.nhs.hospital_contact import EMERGENCY_ADMISSION
from tandem.nhs.working_days import add_days

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class HospitalPolicy:
    """One version, in force from its first day until the next begins; all lengths are days."""

    version: str
    first: date
    follow_up_days: int
    news_days: int
    readmission_days: int
    home_look_back_days: int
    review_chase_days: int

    def follow_up_due(self, discharged: date) -> date:
        """The last day of the follow-up after a discharge (PCPC-035)."""
        return add_days(discharged, self.follow_up_days)

    def is_news(self, at: int, now: int) -> bool:
        """Whether something that happened at a moment is acted on: what is loaded years later is not."""
        return now - at <= self.news_days * _DAY

    def readmissions(self, contacts: Iterable[HospitalContact]) -> set[str]:
        """Those of one person's contacts that are unplanned admissions soon after a discharge (PCPC-037)."""
        stays = [each for each in contacts if each.kind in ADMISSIONS]
        return {
            each.encounter for each in stays
            if each.kind == EMERGENCY_ADMISSION and any(self._soon_after(each, other) for other in stays)
        }  # fmt: skip

    def _soon_after(self, stay: HospitalContact, earlier: HospitalContact) -> bool:
        if earlier.encounter == stay.encounter or earlier.ends is None:
            return False
        return earlier.starts < stay.starts and 0 <= stay.starts - earlier.ends <= self.readmission_days * _DAY


def policy_of(told: Mapping[str, Any]) -> HospitalPolicy:
    """A version from YAML."""
    return HospitalPolicy(
        str(told["version"]), told["first"], int(told["follow_up_days"]), int(told["news_days"]),
        int(told["readmission_days"]), int(told["home_look_back_days"]), int(told["review_chase_days"]),
    )  # fmt: skip


def in_force(versions: Sequence[HospitalPolicy], day: date) -> HospitalPolicy:
    """The version in force on a day; before the first of all, that one."""
    ordered = sorted(versions, key=lambda each: each.first)
    return next((each for each in reversed(ordered) if each.first <= day), ordered[0])
