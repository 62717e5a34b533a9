"""Care homes and their beds, as their Organizations say it (002 EHCH key2, EHCH-087)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.affiliations import ALWAYS
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import day_at
from tandem.canonical import CARE_HOME_BEDS
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.organisations import code_of, kind_of

_CARE_HOME: Final = "care-home"


def read_care_home(organisation: Resource, event: Event) -> Iterable[Fact]:
    """A home until it is not active any more: `organisation` its code, `value` its beds where they are known."""
    if kind_of(organisation) != _CARE_HOME:
        return
    last = day_at(event.time) if organisation.get("active") is False else None
    extensions = (each for each in organisation.get("extension") or () if each.get("url") == CARE_HOME_BEDS)
    beds = next((each.get("valuePositiveInt", each.get("valueInteger")) for each in extensions), None)
    yield Fact(
        "care-home", ALWAYS, last=last, value=None if beds is None else float(beds), organisation=code_of(organisation)
    )
