"""Stays in a care home as facts: derived from everything that was recorded of where a person lives (EHCH-012).

What ends a stay, and what is none (EHCH-013, EHCH-014), is decided in `care_home_residents` by the codes of value sets.
"""

from __future__ import annotations

from collections.abc import Iterable

from cohort_service.domain.care_home_residents import Residency, stays
from cohort_service.domain.residency_statements import Statement
from tandem.london_days import day_at
from tandem.record_facts.codings import DERIVED, derived
from tandem.record_facts.fact import Fact

CARE_HOME_STAY = "care-home-stay"
CODE = (DERIVED, CARE_HOME_STAY)


def stay_facts(statements: Iterable[Statement]) -> list[tuple[str, Fact]]:
    """For each record that bears witness to a stay its reference, and the whole stay as a fact.

    Each has the days of the stay, not its own: a later record of the same stay does not make it begin anew.
    """
    return [(each.reference, _fact(stay)) for stay in stays(statements) for each in stay.evidence]


def _fact(stay: Residency) -> Fact:
    ends = None if stay.until is None else day_at(stay.until)
    return derived(CARE_HOME_STAY, day_at(stay.since.starts), ends)
