"""A cancer diagnosis as it is kept with a net: route, type, stage, date; and why it is looked at again.

Routes are those of the National Cancer Registration and Analysis Service's "Routes to Diagnosis".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tandem.fhir.outcome import Issue

ROUTES: Final = (
    "screening", "urgent-referral", "gp-referral", "other-outpatient", "inpatient-elective", "emergency",
    "death-certificate-only", "unknown",
)  # fmt: skip
STAGES: Final = ("1", "2", "3", "4", "not-staged")
DETECTIONS: Final = ("screening", "symptomatic", "incidental")
LATE_STAGES: Final = frozenset({"3", "4"})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`presented` counts how often the person came with it before, `first` is the day of the first time, `treated` that
    of the first treatment, if known.
    """

    day: date
    route: str
    type: str
    stage: str
    detection: str | None = None
    presented: int | None = None
    first: date | None = None
    treated: date | None = None

    def told(self) -> dict[str, Any]:
        """As JSON values."""
        raw: dict[str, Any] = {
            "day": self.day.isoformat(), "route": self.route, "type": self.type, "stage": self.stage,
            "detection": self.detection, "presented": self.presented,
            "first": None if self.first is None else self.first.isoformat(),
            "treated": None if self.treated is None else self.treated.isoformat(),
        }  # fmt: skip
        return {name: value for name, value in raw.items() if value is not None}


def diagnosis_of(told: Mapping[str, Any]) -> Diagnosis:
    """The other way round."""
    first, treated = told.get("first"), told.get("treated")
    return Diagnosis(
        date.fromisoformat(told["day"]), told["route"], told["type"], told["stage"], told.get("detection"),
        told.get("presented"), None if first is None else date.fromisoformat(first),
        None if treated is None else date.fromisoformat(treated),
    )  # fmt: skip


def diagnosis_faults(asked: Diagnosis, today: date, birth: date | None) -> list[Issue]:
    """What is wrong with it; `birth` is None when it is not known."""
    return list(_faults(asked, today, birth))


def _faults(asked: Diagnosis, today: date, birth: date | None) -> Iterator[Issue]:
    for value, allowed, name in (
        (asked.route, ROUTES, "route"), (asked.stage, STAGES, "stage"),
        (asked.detection or DETECTIONS[0], DETECTIONS, "detection"),
    ):  # fmt: skip
        if value not in allowed:
            yield Issue(f"{name} is one of {', '.join(allowed)} (000 §6.2)", name)
    if not asked.type:
        yield Issue("type says which cancer it is (000 §6.2)", "type")
    if asked.day > today:
        yield Issue("The diagnosis lies in the future", "when")
    if birth is not None and asked.day < birth:
        yield Issue("The diagnosis lies before the birth of the person", "when")
    if asked.first is not None and (asked.first > asked.day or (birth is not None and asked.first < birth)):
        yield Issue("first-presentation lies between birth and diagnosis", "first-presentation")
    if asked.treated is not None and not asked.day <= asked.treated <= today:
        yield Issue("treated, the first treatment, lies between the diagnosis and today (000 §6.13 m4)", "treated")
