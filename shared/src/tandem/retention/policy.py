"""The policy of retention: a dated file of rules, each with its source, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

CountsFrom = Literal["death", "deregistration", "last-treatment", "event"]
AUDIT: Final = "audit-trail"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many `years` after what something is kept; a rule that is not `applied` says `why`."""

    id: str
    counts_from: CountsFrom
    years: int
    applied: bool
    source: str
    why: str = ""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules and what they are taken from; `version` is the day of the source."""

    version: str
    title: str
    source: str
    url: str
    rules: tuple[Rule, ...]

    def rule(self, name: str) -> Rule:
        """The rule of this id. Raises KeyError when there is none."""
        for each in self.rules:
            if each.id == name:
                return each
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Ended:
    """That a person's records are no longer kept: by which rule, since which day."""

    rule: str
    since: date


@cache
def policy() -> Policy:
    """The policy that ships with this release."""
    return msgspec.json.decode((files("tandem.retention") / "policy.json").read_bytes(), type=Policy)


def retention_ended(died: date | None, left: date | None, today: date) -> Ended | None:
    """By which rule the records of somebody who died, or who left their practice, on these days have ended, if any."""
    starts = {"death": died, "deregistration": None if died is not None else left}
    for rule in policy().rules:
        start = starts.get(rule.counts_from)
        if rule.applied and start is not None and (end := years_after(start, rule.years)) <= today:
            return Ended(rule.id, end)
    return None


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 1 March for 29 February in a year without it."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
