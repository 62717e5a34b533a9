"""The dated numbers of the specifications that concern networks, read from `parameters.json` beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from tandem.fhir.body import decode
from tandem.london_days import date_of, day_number


@dataclass(frozen=True, slots=True)
class SizeNorm:
    """How many registered people a network normally has (PCN-072)."""

    minimum: int
    maximum: int
    source: str


@dataclass(frozen=True, slots=True)
class Indication:
    """An indicative number of staff for a network of `people`; `role` is "" for all additional staff together."""

    role: str
    amount: float
    people: int
    source: str


@dataclass(frozen=True, slots=True)
class CancerTarget:
    """The proportion of cancers to be diagnosed at stages 1 and 2, in percent, and the year by which."""

    percent: float
    by: str
    source: str


@lru_cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = decode((files("cohort_service.domain.networks") / "parameters.json").read_bytes())
    return read


def size_norm(on_day: int) -> SizeNorm | None:
    """The norm in force on a day; None before there was one."""
    day = date_of(on_day).isoformat()
    begun = [each for each in _file()["network-size"] if each["from"] <= day]
    if not begun:
        return None
    newest = max(begun, key=lambda each: str(each["from"]))
    return SizeNorm(newest["minimum"], newest["maximum"], newest["source"])


def alignment_deadline() -> int:
    """The day by which every care home is aligned (EHCH-018)."""
    return day_number(date.fromisoformat(_file()["care-homes-aligned-by"]["day"]))


def requirements_of_the_practice() -> range:
    """The numbered requirements that a practice outside the aligned network delivers itself (EHCH-021)."""
    held = _file()["care-home-requirements-of-the-practice"]
    return range(held["first"], held["last"] + 1)


def indicative_staff(year: str) -> Indication | None:
    """All additional staff in a financial year such as `2020/21`; None when nothing is said (PCN-014, PCN-015)."""
    for each in _file()["indicative-staff"]:
        if each["year"] == year:
            return Indication("", each["staff"], each["people"], each["source"])
    return None


def indicative_roles(year: str) -> list[Indication]:
    """Whole-time equivalents by role in a financial year (PCN-016 to PCN-019)."""
    return [
        Indication(each["role"], each["wte"], each["people"], each["source"])
        for each in _file()["indicative-roles"]
        if each["year"] == year
    ]


def national_cancer_target() -> CancerTarget:
    """What holds where neither the Cancer Alliance nor the place has set its own (ECD-069)."""
    held = _file()["early-diagnosis"]
    return CancerTarget(held["percent"], held["by"], held["source"])
