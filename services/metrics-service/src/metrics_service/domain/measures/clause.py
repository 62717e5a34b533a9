"""What a population counts: facts of a kind, and conditions on the person they are about.

http://hl7.org/fhir/R4/measure.html has populations as criteria in a language; this is ours (docs/measure-language.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

When = Literal["in-period", "ended", "at-end", "at-start", "during", "ever", "before"]
"""How the days of a fact stand to the period: see docs/measure-language.md."""
ListWhen = Literal["on-the-day", "at-end", "at-start", "during", "ever"]
Counted = Literal["people", "things", "sum", "per-week", "average", "median", "interval"]
"""`per-week` is the sum divided by the weeks of the period. `interval` is the days from one thing to the next of the
same group, on average."""
Of = Literal["person", "organisation", "place", "practice"]
"""Whose other fact it is: the person's; that of the thing's organisation, or of its place; or that of the person's
practice, or of a network that this practice is a member of."""

PERSON = "person"
"""The kind of a clause that is about everybody who is registered, without any fact."""


@dataclass(frozen=True, slots=True)
class Months:
    """First in so many months up to the end of the period."""

    number: int


@dataclass(frozen=True, slots=True)
class Clause:
    """Empty tuples and None ask for nothing. Words in a tuple are any of them. Both ends of the value are included."""

    facts: tuple[str, ...]
    when: When | Months = "in-period"
    status: tuple[str, ...] = ()
    not_status: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    not_codes: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    ended_within: int | None = None
    people: tuple[Condition, ...] = ()

    @property
    def without_words(self) -> Clause:
        """The same facts in the same days of the same people, whatever their words, codes and numbers."""
        return Clause(self.facts, self.when, people=self.people)


@dataclass(frozen=True, slots=True)
class OnList:
    """On any of these lists."""

    lists: tuple[str, ...]
    when: ListWhen = "on-the-day"


@dataclass(frozen=True, slots=True)
class Has:
    """The person has another fact; `before` and `after` are days from the day of the thing, in place of `when`."""

    clause: Clause
    before: int | None = None
    after: int | None = None
    same_group: bool = False
    of: Of = "person"


@dataclass(frozen=True, slots=True)
class Aged:
    """Age in whole years on the last day of the period, both ends included."""

    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """All hold."""

    conditions: tuple[Condition, ...]


Condition = OnList | Has | Aged | Not | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Population:
    """Things or people that a clause finds, counted; the number `times` a factor."""

    clause: Clause
    count: Counted = "people"
    title: str | None = None
    times: float = 1.0
