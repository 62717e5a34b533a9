"""What kind of home somebody lives in, and how large it is, as facts (EHCH-089).

The home is the Organization that manages an EpisodeOfCare of a stay. Its `type` has a code of CARE_HOME_TYPE, its beds
stand in an extension. Which kinds and sizes are in scope is said by the definition of the cohort, not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cohort_service.domain.networks.days import FOREVER, Days
from tandem.canonical import BASE, CARE_HOME_BEDS
from tandem.fhir.body import Resource
from tandem.record_facts.codings import DERIVED, derived
from tandem.record_facts.fact import Fact

CARE_HOME_TYPE: Final = f"{BASE}/CodeSystem/care-home-type"
TYPES: Final = (
    "nursing", "residential", "learning-disability", "dementia", "secure-unit", "supported-living", "extra-care",
)  # fmt: skip
BEDS: Final = "care-home-beds"
CODES: Final = (*((DERIVED, f"care-home-type-{each}") for each in TYPES), (DERIVED, BEDS))


@dataclass(frozen=True, slots=True)
class HomeKind:
    """The types that a home has (several for one with several units), and its beds as far as they are known."""

    types: tuple[str, ...]
    beds: int | None


def home_kind(organization: Resource | None) -> HomeKind:
    """What an Organization says of the home that it is."""
    held = organization or {}
    codings = [coding for each in held.get("type") or () for coding in each.get("coding") or ()]
    types = {str(each.get("code")) for each in codings if each.get("system") == CARE_HOME_TYPE}
    given = [each for each in held.get("extension") or () if each.get("url") == CARE_HOME_BEDS]
    beds = [each.get("valuePositiveInt", each.get("valueInteger")) for each in given]
    return HomeKind(tuple(sorted(types.intersection(TYPES))), next((int(each) for each in beds if each), None))


def kind_facts(kind: HomeKind, days: Days) -> Iterable[Fact]:
    """The facts of a stay in such a home: one for each type, and one whose value is the beds."""
    ends = None if days.last == FOREVER else days.last + 1
    for each in kind.types:
        yield derived(f"care-home-type-{each}", days.first, ends)
    if kind.beds is not None:
        yield derived(BEDS, days.first, ends, float(kind.beds))
