"""The term of the scheme and what is paid in each part of it (PCPC-001, PCPC-112 to PCPC-116, PCPC-121).

Shipped in `scheme.json` with the paragraph of each; a commissioner's yearly variation takes the place of the terms from
its day on. Amounts are pounds for each registered patient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from tandem.fhir.body import decode

_APRIL: Final = 4


@dataclass(frozen=True, slots=True)
class Terms:
    """What is paid from `first` to `last`, both included: `upfront` in monthly instalments, `final` at the end.

    `final_due` is None where nobody said by when. `due_days` is how long after its period a report may come.
    """

    first: date
    last: date
    upfront: Decimal
    final: Decimal
    final_due: date | None
    due_days: int
    source: str
    variation: int | None = None


@dataclass(frozen=True, slots=True)
class Scheme:
    """The scheme as it stands with a commissioner: days are both included."""

    name: str
    first: date
    last: date
    term_ends: date
    every_months: int
    list_first: date
    list_last: date
    terms: tuple[Terms, ...]
    sources: dict[str, str]

    def terms_on(self, day: date) -> Terms | None:
        """The terms in force on a day; None outside the scheme."""
        return next((each for each in self.terms if each.first <= day <= each.last), None)

    def holds_on(self, day: date) -> bool:
        """Whether a day is in the scheme: what happened outside is left out of its reports (PCPC-001)."""
        return self.first <= day <= self.last


def scheme_with(variations: Sequence[Terms] = ()) -> Scheme:
    """The shipped scheme with a commissioner's variations, in the order in which they begin."""
    shipped = _file()
    first, years = date.fromisoformat(shipped["first"]), int(shipped["years"])
    terms = [_terms(each, int(shipped["reports"]["due-days-after"])) for each in shipped["terms"]]
    for variation in sorted(variations, key=lambda each: each.first):
        # Earlier periods keep the terms they had (PCPC-121).
        terms = [each for each in terms if each.last < variation.first or each.first > variation.last]
        terms.append(variation)
    terms.sort(key=lambda each: each.first)
    return Scheme(
        shipped["name"], first, max(date.fromisoformat(shipped["last"]), terms[-1].last),
        first.replace(year=first.year + years) - timedelta(days=1), int(shipped["reports"]["every-months"]),
        date.fromisoformat(shipped["list"]["first"]), date.fromisoformat(shipped["list"]["last"]), tuple(terms),
        {
            "scheme": shipped["source"], "term": shipped["years-source"], "reports": shipped["reports"]["source"],
            "list": shipped["list"]["source"],
        },
    )  # fmt: skip


def faults_of_variation(asked: Terms, scheme: Scheme, today: date) -> Iterator[tuple[str, str]]:
    """Why terms cannot be published: the parameter and the rule. Variations "may be made yearly" (003 appendix 3)."""
    if (asked.first.month, asked.first.day) != (_APRIL, 1):
        yield "from", f"Variations are made yearly and begin on 1 April ({scheme.sources['term']})"
    if asked.first <= scheme.first:
        yield "from", f"A variation begins after the scheme, which began on {scheme.first} ({scheme.sources['scheme']})"
    if asked.first <= today:
        yield "from", "A variation applies from a day to come: earlier periods keep the terms they had"
    if asked.last < asked.first or asked.last >= asked.first.replace(year=asked.first.year + 1):
        yield "until", "A variation ends in the year that it begins in"
    if asked.last > scheme.term_ends:
        yield "until", f"The scheme ends after three years, on {scheme.term_ends} ({scheme.sources['term']})"
    if any(each.variation is not None and each.first == asked.first for each in scheme.terms):
        yield "from", "There is a variation of this year already"
    if (asked.last + timedelta(days=1)).day != 1:
        yield "until", "A variation ends with a month: it is paid in monthly instalments"
    following = [each.first for each in scheme.terms if each.last < asked.first]
    if following and not any(each.last + timedelta(days=1) == asked.first for each in scheme.terms):
        yield "from", "A variation follows the terms before it without a gap"


def _terms(shipped: dict[str, Any], due_days: int) -> Terms:
    due = shipped["final-due"]
    return Terms(
        date.fromisoformat(shipped["first"]), date.fromisoformat(shipped["last"]), Decimal(shipped["upfront"]),
        Decimal(shipped["final"]), date.fromisoformat(due) if due else None, due_days, shipped["source"],
    )  # fmt: skip


@cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = decode((files("metrics_service.domain.scheme") / "scheme.json").read_bytes())
    return read
