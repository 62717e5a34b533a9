"""Who is eligible for urgent community response (EHCH-062, EHCH-063, EHCH-067; 000 §3.16 requirement 9).

It has to help the person to remain and recover safely at home as an alternative to admission, or to support timely
discharge. What else is known is asked too: age, place, need and source. What is not known makes nobody ineligible.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tandem.fhir.outcome import Issue

REFERRALS = ("crisis-response", "reablement")
"""The kinds of referral that an eligible assessment opens."""


@dataclass(frozen=True, slots=True)
class Word:
    """A code of a closed list; `serves` says whether it makes for eligibility, `note` whether it needs words."""

    code: str
    title: str
    serves: bool = True
    note: bool = False


@dataclass(frozen=True, slots=True)
class EligibilityPolicy:
    """One version of the rules, as `urgent_policies.yaml` has them."""

    version: str
    first_day: date
    source: str
    least_age: int
    purposes: tuple[Word, ...]
    places: tuple[Word, ...]
    needs: tuple[Word, ...]
    sources: tuple[Word, ...]
    not_from: Mapping[str, frozenset[str]]

    @property
    def name(self) -> str:
        """What is kept beside an assessment."""
        return f"urgent-response-eligibility@{self.version}"


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was found: codes of the policy. `age` in whole years; None for what is not known."""

    referral: str
    purposes: tuple[str, ...]
    place: str | None = None
    needs: tuple[str, ...] = ()
    source: str | None = None
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that was looked at. `met` is None when it is not known."""

    code: str
    met: bool | None
    text: str


def policy_of(file: Mapping[str, Any]) -> EligibilityPolicy:
    """The rules of `eligibility` in the file."""
    lists = {name: words_of(file[name]) for name in ("purposes", "places", "needs", "sources")}
    not_from = {referral: frozenset(sources) for referral, sources in (file.get("not-from") or {}).items()}
    return EligibilityPolicy(
        str(file["version"]), file["first-day"], file["source"], int(file["least-age"]), not_from=not_from, **lists
    )


def words_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Word, ...]:
    """The words of a closed list of the file."""
    return tuple(
        Word(row["code"], row["title"], row.get("serves", row.get("responded", True)), row.get("note", False))
        for row in rows
    )


def faults(assessed: Assessed, policy: EligibilityPolicy) -> list[Issue]:
    """What the policy has no word for, or what contradicts itself; all at once."""
    found = []
    if not assessed.purposes:
        found.append(_closed("purpose", policy.purposes, policy))
    given = {
        "purpose": (assessed.purposes, policy.purposes), "place": ((assessed.place,), policy.places),
        "need": (assessed.needs, policy.needs), "source": ((assessed.source,), policy.sources),
    }  # fmt: skip
    for name, (codes, known) in given.items():
        if {each for each in codes if each is not None} - {word.code for word in known}:
            found.append(_closed(name, known, policy))
    if assessed.referral not in REFERRALS:
        found.append(Issue(f"kind is one of {', '.join(REFERRALS)} ({policy.source})", "kind"))
    serving = _serving(policy.purposes)
    if set(assessed.purposes) & serving and set(assessed.purposes) - serving:
        found.append(Issue("none stands alone: a purpose is given, or there is none", "purpose"))
    return found


def judge(assessed: Assessed, policy: EligibilityPolicy) -> tuple[Criterion, ...]:
    """Each criterion with its result. The person is eligible when none is unmet (see `eligible`)."""
    purpose = bool(set(assessed.purposes) & _serving(policy.purposes))
    place = None if assessed.place is None else assessed.place in _serving(policy.places)
    excluded = policy.not_from.get(assessed.referral, frozenset())
    source = None if assessed.source is None else assessed.source not in excluded
    named = " or ".join(sorted(excluded))
    return (
        Criterion("purpose", purpose, "It avoids an admission or supports timely discharge (000 §3.16 r9)"),
        Criterion("place", place, "It is given in the person's home or usual residence"),
        Criterion(
            "age", None if assessed.age is None else assessed.age >= policy.least_age,
            f"The person is {policy.least_age} or older",
        ),
        Criterion("need", True if assessed.needs else None, "One of the nine clinical conditions or needs"),
        *([Criterion("source", source, f"{assessed.referral} is not asked for from {named}")] if excluded else []),
    )  # fmt: skip


def eligible(criteria: Sequence[Criterion]) -> bool:
    """Whether no criterion is unmet."""
    return all(each.met is not False for each in criteria)


def _serving(words: Sequence[Word]) -> set[str]:
    return {word.code for word in words if word.serves}


def _closed(name: str, known: Sequence[Word], policy: EligibilityPolicy) -> Issue:
    return Issue(f"{name} is one of {', '.join(word.code for word in known)} ({policy.source})", name)
