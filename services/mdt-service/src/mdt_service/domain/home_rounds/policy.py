"""The dated policy of home rounds: who may lead them, what counts, and how they are undertaken.

EHCH-027 to EHCH-031, EHCH-037, EHCH-084, EHCH-085, EHCH-090. A version is in force from its first day until the next
one of the same area begins. The area is a commissioner's code, or empty for everywhere; a commissioner's own version
goes before the one for everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from mdt_service.domain.home_rounds.codes import MODES
from tandem.identity.organisations import KINDS as ORGANISATION_KINDS
from tandem.nhs.staff_kinds import kind_names


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the template of a round."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class RoundPolicy:
    """One version. Kinds of staff are those of `tandem.nhs.staff_kinds`, shares are from 0 to 1."""

    version: str
    area: str
    first: date
    source: str
    weekly_from: date
    """The rounds are owed from this day on."""
    lead: tuple[str, ...]
    """Suitable clinicians: kinds of staff that may lead a round."""
    gp_led: tuple[str, ...]
    """Kinds of staff whose round counts as led by a GP."""
    substitutes: tuple[str, ...]
    """Kinds whose round counts so where a local agreement is recorded."""
    most_days: int
    """The most days from one GP-led round to the next."""
    warn_days: int
    """So many days before that is exceeded it is told."""
    modes: tuple[str, ...]
    """How a round is held that counts."""
    roles: tuple[str, ...]
    """Kinds of staff that may take part."""
    organisations: tuple[str, ...]
    """Kinds of organisation that they may come from."""
    medication_review: tuple[str, ...]
    """Kinds of staff that a resident's medication review may be given to."""
    triage: tuple[str, ...]
    """Kinds of staff that triage those who were flagged."""
    consistency_rounds: int
    """So many of the last rounds are looked at."""
    consistency_share: float
    """The least mean share of the core team that should be present."""
    steps: tuple[Step, ...]


LISTS = {
    "lead": frozenset(kind_names()), "gp_led": frozenset(kind_names()), "substitutes": frozenset(kind_names()),
    "roles": frozenset(kind_names()), "medication_review": frozenset(kind_names()),
    "triage": frozenset(kind_names()), "modes": frozenset(MODES), "organisations": ORGANISATION_KINDS,
}  # fmt: skip
"""The lists of a policy, and what may stand in each."""
NUMBERS = {"most_days": (1, 366), "warn_days": (0, 366), "consistency_rounds": (2, 52)}
"""The whole numbers of a policy, with the least and the most."""


def policy_of(told: Mapping[str, Any]) -> RoundPolicy:
    """A version from JSON or YAML; days are dates or ISO texts."""
    read = {field.name: told[field.name] for field in fields(RoundPolicy)}
    lists = {name: tuple(read[name]) for name in LISTS}
    days = {name: _day(read[name]) for name in ("first", "weekly_from")}
    steps = tuple(Step(each["code"], each["text"]) for each in read["steps"])
    return RoundPolicy(**{**read, **lists, **days, "steps": steps, "version": str(read["version"])})


def told_of(policy: RoundPolicy) -> dict[str, Any]:
    """The version as JSON."""
    days = {"first": policy.first.isoformat(), "weekly_from": policy.weekly_from.isoformat()}
    return {**asdict(policy), **days}


def in_force(policies: Iterable[RoundPolicy], areas: Collection[str], day: date) -> RoundPolicy:
    """The version in force on a day in these areas (codes of commissioners).

    The last that has begun: of an area's own, else of those for everywhere, else the first for everywhere.
    """
    begun = sorted((each for each in policies if each.first <= day), key=lambda each: (each.first, each.area))
    own = [each for each in begun if each.area in areas and each.area]
    everywhere = [each for each in begun if not each.area]
    if own or everywhere:
        return (own or everywhere)[-1]
    return min((each for each in policies if not each.area), key=lambda each: each.first)


def changed(policy: RoundPolicy, lists: Mapping[str, Sequence[str]], **more: Any) -> RoundPolicy:
    """The version that follows: what is given instead of what stood there."""
    given: dict[str, Any] = {name: tuple(values) for name, values in lists.items()}
    return replace(policy, **given, **more)


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
