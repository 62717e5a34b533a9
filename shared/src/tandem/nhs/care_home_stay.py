"""In which care home a person lives: the EpisodeOfCare that the home manages.

The coded statement "lives in care home" names no home. An EpisodeOfCare with one of these codes as its type does: its
`managingOrganization` is the home, its `period` the stay (http://hl7.org/fhir/R4/episodeofcare.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from tandem.canonical import SNOMED_CT
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.identity.periods import bounds
from tandem.london_days import day_number, day_of

LIVES_IN_CARE_HOME: Final = frozenset(("248171000000108", "160734000", "394923006"))
FOREVER: Final = day_number(date(9999, 12, 31))
"""The last day of a stay that has not ended."""
_STANDS: Final = ("active", "onhold", "finished")


@dataclass(frozen=True, slots=True)
class CareHomeStay:
    """`home` is a code, or `Organization/id` that is still to be resolved; both days (see london_days) belong to it."""

    home: str
    first: int
    last: int


def stay_told(episode: Resource | None) -> CareHomeStay | None:
    """The stay in a care home that an EpisodeOfCare records; None when it records none.

    A stay without its beginning counts from the version that says so; a finished one needs its end.
    """
    if episode is None or episode.get("status") not in _STANDS:
        return None
    codings = [each for concept in episode.get("type") or () for each in concept.get("coding") or ()]
    if not any(each.get("system") == SNOMED_CT and each.get("code") in LIVES_IN_CARE_HOME for each in codings):
        return None
    home = reference_code(episode.get("managingOrganization"))
    period = episode.get("period") or {}
    start, end = period.get("start"), period.get("end")
    last = day_of(from_micros(bounds(str(end))[1] - 1)) if end else FOREVER
    if home is None or (episode["status"] == "finished" and last == FOREVER):
        return None
    if start:
        return CareHomeStay(home, day_of(from_micros(bounds(str(start))[0])), last)
    written = day_of(from_micros(bounds(str(episode["meta"]["lastUpdated"]))[0]))
    return CareHomeStay(home, min(written, last), last)
