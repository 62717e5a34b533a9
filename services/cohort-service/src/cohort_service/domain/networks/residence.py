"""In which care home a person lives: the EpisodeOfCare that the home manages.

The coded statement "lives in care home" names no home. An EpisodeOfCare with one of these codes as its type does: its
`managingOrganization` is the home, its `period` the stay (http://hl7.org/fhir/R4/episodeofcare.html).
"""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.networks.days import FOREVER, Days, days_of
from tandem.canonical import SNOMED_CT
from tandem.clock import from_micros
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.identity.periods import bounds
from tandem.london_days import day_of

LIVES_IN_CARE_HOME = frozenset(("248171000000108", "160734000", "394923006"))
_STANDS = ("active", "onhold", "finished")


@dataclass(frozen=True, slots=True)
class Stay:
    """`home` is a code, or `Organization/id` that is still to be resolved."""

    home: str
    days: Days


def stay_of(episode: Resource | None) -> Stay | None:
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
    days = days_of(period)
    if home is None or (episode["status"] == "finished" and days.last == FOREVER):
        return None
    if not period.get("start"):
        written = day_of(from_micros(bounds(str(episode["meta"]["lastUpdated"]))[0]))
        days = Days(min(written, days.last), days.last)
    return Stay(home, days)
