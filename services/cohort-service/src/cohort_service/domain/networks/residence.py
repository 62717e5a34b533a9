"""In which care home a person lives, as a span of days (see `tandem.nhs.care_home_stay`)."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.networks.days import Days
from tandem.fhir.body import Resource
from tandem.nhs.care_home_stay import stay_told


@dataclass(frozen=True, slots=True)
class Stay:
    """`home` is a code, or `Organization/id` that is still to be resolved."""

    home: str
    days: Days


def stay_of(episode: Resource | None) -> Stay | None:
    """The stay in a care home that an EpisodeOfCare records; None when it records none."""
    told = stay_told(episode)
    return Stay(told.home, Days(told.first, told.last)) if told is not None else None
