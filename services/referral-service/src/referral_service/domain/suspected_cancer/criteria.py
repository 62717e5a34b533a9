"""Criteria by which cancer is suspected: symptoms and findings, age and sex, and what follows (NICE NG12, ECD-011)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from referral_service.domain.suspected_cancer.claim import KINDS, RAPID_DIAGNOSTIC_CENTRE

NON_SPECIFIC: Final = "non-specific"
"""The site of criteria that point to no one cancer."""
INVESTIGATION: Final = "pre-referral-investigation"
URGENCIES: Final = {
    "very-urgent": "very urgent referral, seen within 48 hours",
    "refer": "suspected cancer pathway referral, seen within two weeks",
    "consider": "consider a suspected cancer pathway referral, seen within two weeks",
    "test": "urgent investigation before a referral",
}
"""From the most urgent on."""
PATHWAYS: Final = (*KINDS, INVESTIGATION)
SEXES: Final = ("female", "male")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion. Ages are whole years, both included; `any_of` needs `at_least` of its symptoms."""

    id: str
    site: str
    urgency: str
    pathway: str
    text: str
    recommendation: str
    checked: bool
    all_of: frozenset[str]
    any_of: frozenset[str]
    at_least: int = 1
    age_from: int | None = None
    age_to: int | None = None
    sex: str | None = None

    def is_met(self, symptoms: Collection[str], age: int | None, gender: str | None) -> bool:
        """Whether somebody of this age and gender meets it. Where age matters it must be known; a criterion for one
        sex is not met by the other, and is by whoever's gender is not known or neither."""
        if not self.all_of <= set(symptoms):
            return False
        if self.any_of and len(self.any_of & set(symptoms)) < self.at_least:
            return False
        bounds = self.age_from is not None or self.age_to is not None
        if bounds and (age is None or not (self.age_from or 0) <= age <= (self.age_to or 999)):
            return False
        return self.sex is None or gender not in SEXES or gender == self.sex

    @property
    def refers(self) -> bool:
        """Whether it leads to a referral for suspected cancer, not to an investigation first."""
        return self.pathway in KINDS


@dataclass(frozen=True, slots=True)
class Criteria:
    """One version, in force from its first day until the next begins. `area` is a commissioner, or empty for all."""

    version: str
    area: str
    first: date
    source: str
    sites: Mapping[str, str]
    symptoms: Mapping[str, str]
    criteria: tuple[Criterion, ...]

    def met(self, symptoms: Collection[str], age: int | None, gender: str | None) -> list[Criterion]:
        """What is met, the most urgent first. Non-specific symptoms count only where nothing leads to one site."""
        found = [each for each in self.criteria if each.is_met(symptoms, age, gender)]
        if any(each.refers and each.pathway != RAPID_DIAGNOSTIC_CENTRE for each in found):
            found = [each for each in found if each.pathway != RAPID_DIAGNOSTIC_CENTRE]
        order = list(URGENCIES)
        return sorted(found, key=lambda each: order.index(each.urgency))


def in_force(versions: Iterable[Criteria], areas: Collection[str], day: date) -> Criteria | None:
    """The last to have begun of those for everywhere and for these areas; of one day that of the area."""
    begun = [each for each in versions if each.first <= day and (not each.area or each.area in areas)]
    return max(begun, key=lambda each: (each.first, each.area != "", each.version), default=None)


def age_on(birth: str | None, day: date) -> int | None:
    """Whole years on a day. A birth date without day or month counts as its first; None when it is not known."""
    try:
        year, month, first = [int(each) for each in f"{birth}-01-01".split("-")[:3]]
        born = date(year, month, first)
    except ValueError:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) if born <= day else None
