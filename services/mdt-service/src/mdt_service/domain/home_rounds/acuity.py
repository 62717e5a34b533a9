"""How acute a resident's needs are: NEWS2 scores of the last days, and whether they rise (EHCH-033).

https://www.rcplondon.ac.uk/projects/outputs/national-early-warning-score-news-2
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tandem.canonical import SNOMED_CT
from tandem.fhir.body import Resource
from tandem.identity.periods import bounds

NEWS2_TOTAL: Final = "1104051000000101"
"""SNOMED CT: Royal College of Physicians NEWS2 total score."""
LOOKED_BACK_DAYS: Final = 28
URGENT: Final = 5
"""From this score on a person needs an urgent response, whether or not it has risen."""
_STANDS: Final = ("final", "amended", "corrected", "preliminary")


@dataclass(frozen=True, slots=True)
class Acuity:
    """The latest score, when it was taken (as recorded), and the score before it in the days looked at."""

    score: int
    taken: str
    before: int | None

    @property
    def rising(self) -> bool:
        """Whether it is higher than the one before."""
        return self.before is not None and self.score > self.before

    @property
    def acute(self) -> bool:
        """Whether it brings a resident onto the list of the next round."""
        return self.rising or self.score >= URGENT


def acuity_of(observations: Iterable[Resource]) -> Acuity | None:
    """The acuity that Observations of one person tell; None when none of them is a score with a date."""
    scores = sorted(
        (bounds(str(each["effectiveDateTime"]))[0], str(each["id"]), _score(each), str(each["effectiveDateTime"]))
        for each in observations if is_score(each)
    )  # fmt: skip
    if not scores:
        return None
    before = scores[-2][2] if len(scores) > 1 else None
    return Acuity(scores[-1][2], scores[-1][3], before)


def is_score(observation: Resource) -> bool:
    """Whether an Observation is a NEWS2 total that stands, with a number and a date."""
    codings = (observation.get("code") or {}).get("coding") or ()
    named = any(each.get("system") == SNOMED_CT and each.get("code") == NEWS2_TOTAL for each in codings)
    return (
        named
        and observation.get("status") in _STANDS
        and bool(observation.get("effectiveDateTime"))
        and (_score(observation) >= 0)
    )


def _score(observation: Resource) -> int:
    value = observation.get("valueInteger", (observation.get("valueQuantity") or {}).get("value"))
    return int(value) if value is not None else -1
