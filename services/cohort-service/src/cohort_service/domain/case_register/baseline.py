"""The information that a practice gives before delivery begins (003 appendix 2): who knows what of it.

A field that neither this service knows nor the practice states is returned as not known, never filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Field:
    """`place` is the number in the appendix; `kept_by` says where the answer is when this service does not have it."""

    name: str
    place: str
    text: str
    kept_by: str = ""


STATED: Final = (
    Field("profileGroups", "2a", "How patient groups of the practice profile were taken into account"),
    Field("lessonsLearned", "2b", "Lessons learned from previous case finding, such as the AUA enhanced service"),
    Field("healthGain", "2c", "Potential for health gain within the available resources"),
    Field("planTemplate", "3", "The template care plan that will be used"),
    Field("additionalInterventions", "4", "Additional interventions, over and above core services and AUA"),
    Field("partners", "5a", "Organisations and people the practice will work with"),
    Field("logistics", "5b", "Logistics of multidisciplinary working: form, frequency, membership, scope"),
    Field("patientInvolvement", "6", "Plans for involving patients in their care plans and motivating them"),
    Field("collaboration", "7", "Work with other practices"),
)
"""What only the practice can say."""

KEPT_ELSEWHERE: Final = (
    Field("peopleWithGuidancePlan", "3", "People with a formal written care plan that fits the guidance",
          "care plans and their content are kept by careplan-service"),
    Field("peopleWhoConsentedToEnrichedSummary", "3",
          "People who consented to share their enriched summary care record",
          "consents are kept by careplan-service"),
)  # fmt: skip
"""What another service of the product holds."""


@dataclass(frozen=True, slots=True)
class Year:
    """A financial year: from 1 April to 31 March, both included."""

    first: date
    last: date

    @property
    def name(self) -> str:
        return f"{self.first.year}/{self.last.year % 100:02}"


def last_whole_year(day: date) -> Year:
    """The last financial year that is over on a day: before delivery from 1 October 2016, that is 2015/16."""
    begun = day.year if (day.month, day.day) >= (4, 1) else day.year - 1
    return Year(date(begun - 1, 4, 1), date(begun, 3, 31))
