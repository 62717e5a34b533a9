"""What kind of referral a ServiceRequest is: the process that it claims, and how long an answer may take.

A request claims a kind by a category of CodeSystem/referral-kind, else by a SNOMED CT code that a kind names. One that
claims none is a record, unless it is based on a plan: then it is followed as `other`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tandem.canonical import REFERRAL_KIND, SNOMED_CT
from tandem.clock import LONDON
from tandem.fhir.body import Resource
from tandem.nhs.working_days import add_working_days


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long something may take: elapsed hours, or the end of so many working days in England."""

    hours: int | None = None
    working_days: int | None = None

    def until(self, start: datetime) -> datetime:
        """When it runs out. Working days end at midnight, Europe/London, after the last of them."""
        if self.hours is not None:
            # Elapsed hours, also across a change of the clocks: arithmetic in London would be by the wall clock.
            return start.astimezone(UTC) + timedelta(hours=self.hours)
        last = add_working_days(start.astimezone(LONDON).date(), self.working_days or 0)
        return datetime.combine(last + timedelta(days=1), time(), LONDON)


@dataclass(frozen=True, slots=True)
class ReferralKind:
    """One kind. `answer` and `done` are None where nothing is asked of a performer."""

    code: str
    title: str
    source: str
    snomed: frozenset[str]
    answer: Allowance | None
    done: Allowance | None
    escalate: int


@dataclass(frozen=True, slots=True)
class ReferralKinds:
    """The kinds of one version of the file."""

    version: str
    kinds: Mapping[str, ReferralKind]

    def of(self, request: Resource) -> ReferralKind | None:
        """The kind that a request claims by its category or code."""
        codings = list(_codings(request))
        for coding in codings:
            if coding.get("system") == REFERRAL_KIND and coding.get("code") in self.kinds:
                return self.kinds[str(coding["code"])]
        named = {coding.get("code") for coding in codings if coding.get("system") == SNOMED_CT}
        return next((kind for kind in self.kinds.values() if kind.snomed & named), None)


def referral_kinds_of(file: Mapping[str, Any]) -> ReferralKinds:
    """The kinds of a file shaped as `referral_kinds.yaml`."""
    kinds = (
        ReferralKind(
            each["code"], each["title"], each["source"], frozenset(each.get("snomed") or ()),
            _allowance(each.get("answer")), _allowance(each.get("done")), int(each.get("escalate") or 0),
        )
        for each in file["kinds"]
    )  # fmt: skip
    return ReferralKinds(str(file["version"]), {kind.code: kind for kind in kinds})


def unknown_kinds(request: Resource, kinds: ReferralKinds) -> list[str]:
    """Codes of CodeSystem/referral-kind on the request that are none."""
    named = (coding.get("code") for coding in _codings(request) if coding.get("system") == REFERRAL_KIND)
    return [str(code) for code in named if code not in kinds.kinds]


def claims_by_category(request: Resource | None, *kinds: str) -> bool:
    """Whether a request names one of these kinds by its category itself; any kind, when none is given.

    A SNOMED CT code alone does not: such a request is followed, and loads whatever it lacks.
    """
    return any(
        coding.get("system") == REFERRAL_KIND and (not kinds or coding.get("code") in kinds)
        for concept in (request or {}).get("category") or () for coding in concept.get("coding") or ()
    )  # fmt: skip


def _allowance(given: Mapping[str, Any] | None) -> Allowance | None:
    return None if given is None else Allowance(given.get("hours"), given.get("working-days"))


def _codings(request: Resource) -> Iterator[dict[str, Any]]:
    for concept in [*(request.get("category") or ()), request.get("code")]:
        if isinstance(concept, dict):
            yield from concept.get("coding") or ()
