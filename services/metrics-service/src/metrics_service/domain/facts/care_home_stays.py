"""Stays in a care home: which home a person lives in, from when until when (EHCH-012)."""

from __future__ import annotations

from collections.abc import Iterable

from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.facts.recorded import ordinal
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.nhs.care_home_stay import FOREVER, stay_told


def read_care_home_stay(episode: Resource, event: Event) -> Iterable[Fact]:
    """`place` is the home; an EpisodeOfCare of another type, or one that names no home, says nothing here."""
    try:
        stay = stay_told(episode)
    except (KeyError, ValueError):
        return
    if stay is not None:
        last = None if stay.last == FOREVER else ordinal(stay.last + 1)
        yield Fact("care-home-stay", ordinal(stay.first), last, place=stay.home)
