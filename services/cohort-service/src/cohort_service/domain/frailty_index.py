"""The electronic frailty index of a person, and what a clinician says beside it (AC-001, SMR-015).

The index is a count of deficits, of 36 that there are; the score is that share. It finds people to look at and is not
a diagnosis: the degree of frailty that a clinician confirmed stands beside it and is never derived from it.
Clegg 2016, doi 10.1093/ageing/afw039.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from cohort_service.domain.definition_language.nodes import Categories, CohortDefinition
from cohort_service.domain.definition_language.references import walk

DEFICITS: Final = 36
BANDS: Final = ("fit", "mild", "moderate", "severe")
DEGREES: Final = ("mild", "moderate", "severe")
POLYPHARMACY: Final = "polypharmacy"
"""The deficit that is counted from medicines and has no codes of its own."""


def band_cohort(band: str) -> str:
    """The cohort whose members have the band: `fit`, `mild`, `moderate` or `severe`."""
    return f"efi-{band}"


def degree_cohort(degree: str) -> str:
    """The cohort of those whose frailty a clinician last recorded as of this degree."""
    return f"frailty-{degree}"


@dataclass(frozen=True, slots=True)
class FrailtyIndex:
    """`deficits` is how many of the 36 there are, each with its name; `band` None below the age that bands are for."""

    band: str | None = None
    confirmed: str | None = None
    """The degree that a clinician last recorded: mild, moderate or severe."""
    deficits: tuple[str, ...] = field(default=())

    @property
    def count(self) -> int:
        return len(self.deficits)

    @property
    def score(self) -> Decimal:
        """The share of the 36 deficits, to two decimals; the band goes by the count."""
        return (Decimal(self.count) / DEFICITS).quantize(Decimal("0.01"), ROUND_HALF_UP)


def counted_by(definition: CohortDefinition) -> Categories:
    """The criterion that counts the deficits in a definition of a band. Raises ValueError when it counts none."""
    for criterion in walk(definition.members):
        if isinstance(criterion, Categories):
            return criterion
    raise ValueError(f"{definition.name} counts no deficits")
