"""What a safety net asks for, by date: which requests have one, its steps, and the days that each may take.

Read from `safety_nets/policies.yaml`. A network's protocol may give other days to the steps (000 §6.11 2023/24 ref3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from referral_service.domain.safety_nets.codes import CONCERN, CONCERNS, RISK_SYMPTOM
from tandem.canonical import CANCER_CONCERN
from tandem.fhir.body import Resource
from tandem.nhs.working_days import add_days, end_of_london_day


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A clock in calendar days from the referral. `stop` is what stops it: `seen` or `answered`."""

    kind: str
    days: int
    stop: str
    referrals: frozenset[str]
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class NetPolicy:
    """One version. `steps` are the monitoring steps of each kind, in order; `days` what each, and what else, may take.

    `concerns` are the kinds of concern that a net is required for. It governs requests written from its first day on.
    """

    version: str
    first_day: date
    source: str
    requirements: tuple[str, ...]
    steps: Mapping[str, tuple[str, ...]]
    days: Mapping[str, int]
    concerns: frozenset[str]
    clocks: tuple[ClockRule, ...]

    def requires_net(self, kind: str, request: Resource) -> bool:
        """Whether a request of this kind has a net (ECD-022; a significant concern from 2021/22, ECD-029)."""
        if kind not in self.steps:
            return False
        return kind != CONCERN or concern_of(request) in self.concerns


def concern_of(request: Resource) -> str:
    """Which concern it is. One that does not say is taken as a risk symptom: a net too many is safer than none."""
    codings = (request.get("code") or {}).get("coding") or ()
    named = [each.get("code") for each in codings if each.get("system") == CANCER_CONCERN]
    return next((code for code in CONCERNS if code in named), RISK_SYMPTOM)


def in_force(policies: Sequence[NetPolicy], day: date) -> NetPolicy | None:
    """The last version that began by this day; None before the first."""
    return max((each for each in policies if each.first_day <= day), key=lambda each: each.first_day, default=None)


def due_after(moment_day: date, days: int) -> datetime:
    """The end of the day, in London, so many calendar days later. Bank holidays and weekends count."""
    return end_of_london_day(add_days(moment_day, days))


def policies_of(raw: Mapping[str, Any]) -> tuple[NetPolicy, ...]:
    """The policies of the file. Raises KeyError, ValueError for a file that is not one."""
    return tuple(_policy(each) for each in raw["policies"])


def _policy(raw: Mapping[str, Any]) -> NetPolicy:
    steps = {str(kind): tuple(map(str, names)) for kind, names in raw["steps"].items()}
    days = {str(name): int(days) for name, days in raw["days"].items()}
    unnamed = {name for names in steps.values() for name in names} - set(days)
    if unnamed or not set(raw["concerns"]) <= set(CONCERNS):
        raise ValueError(f"{raw['version']}: every step has days ({', '.join(sorted(unnamed))}), concerns are known")
    return NetPolicy(
        str(raw["version"]), raw["from"], str(raw["source"]), tuple(raw["requirements"]), steps, days,
        frozenset(raw["concerns"]), tuple(_clock(each) for each in raw["clocks"]),
    )  # fmt: skip


def _clock(raw: Mapping[str, Any]) -> ClockRule:
    if raw["stop"] not in ("seen", "answered"):
        raise ValueError("a clock is stopped when the person is seen or answered")
    return ClockRule(
        str(raw["kind"]), int(raw["days"]), str(raw["stop"]), frozenset(raw["referrals"]), str(raw["title"]),
        str(raw["source"]),
    )  # fmt: skip
