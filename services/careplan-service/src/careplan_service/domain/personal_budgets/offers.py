"""To whom a personal health budget is promoted, and to whom it is offered directly, by year (000 §5.6).

2020/21: promoted to people with a legal right (PC-009) and to other cohorts of the local offer of the commissioner
(PC-010). 2022/23: begins to be offered directly to specific cohorts (PC-026). 2023/24: there is a clear direct offer
to specific cohorts (PC-032).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tandem.fhir.outcome import Issue
from tandem.nhs.financial_year import first_day

FIRST_DIRECT_OFFERS = "2022/23"
DIRECT_OFFERS_NEEDED = "2023/24"


@dataclass(frozen=True, slots=True)
class BudgetYear:
    """What a commissioner (a code; None: every one) offers from a financial year on.

    `promote` are cohorts to whom budgets are promoted, `direct` those to whom they are offered directly.
    """

    commissioner: str | None
    year: str
    version: int
    promote: tuple[str, ...]
    direct: tuple[str, ...]
    source: str

    @property
    def first(self) -> date:
        """1 April."""
        return first_day(self.year)


def offer_faults(year: str, direct: tuple[str, ...]) -> Iterator[Issue]:
    """What keeps the offer of a year from being activated."""
    if direct and first_day(year) < first_day(FIRST_DIRECT_OFFERS):
        yield Issue(f"Budgets are offered directly from {FIRST_DIRECT_OFFERS} on (000 §5.6)", "direct")
    if not direct and first_day(year) >= first_day(DIRECT_OFFERS_NEEDED):
        yield Issue(
            f"From {DIRECT_OFFERS_NEEDED} on the offer names the cohorts to whom budgets are offered directly (000"
            " §5.6)", "direct",
        )  # fmt: skip


def in_force(years: Iterable[BudgetYear], day: date) -> list[BudgetYear]:
    """Of each commissioner the offer of the last year that has begun, in its newest version."""
    held: dict[str | None, BudgetYear] = {}
    for each in sorted(years, key=lambda offer: (offer.first, offer.version)):
        if each.first <= day:
            held[each.commissioner] = each
    return list(held.values())
