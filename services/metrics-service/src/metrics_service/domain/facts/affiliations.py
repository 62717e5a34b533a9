"""Which organisations belong to which, and which practices and networks there are.

http://hl7.org/fhir/R4/organizationaffiliation.html; 004 §21 (PCN-092).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import Day, day_after_end, day_at, given_day
from tandem.canonical import AFFILIATION_ROLE
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of
from tandem.identity.organisations import NETWORK, PRACTICE, code_of, kind_of, reference_code

ALWAYS: Final[Day] = 1
"""An affiliation or practice whose beginning nobody says was always there."""


def read_affiliation(affiliation: Resource, event: Event) -> Iterable[Fact]:
    """`category` is the role (member, cancer-alliance, place), `organisation` the member, `place` who it belongs to."""
    member, holder = (reference_code(affiliation.get(name)) for name in ("participatingOrganization", "organization"))
    if member is None or holder is None:
        return
    period = affiliation.get("period") or {}
    end = period.get("end")
    last = day_after_end(str(end)) if given_day(end) is not None else None
    if affiliation.get("active") is False:
        last = min(day_at(event.time), last or day_at(event.time))
    first = given_day(period.get("start"))
    for system, code, _ in codings_of(*(affiliation.get("code") or ())):
        if system == AFFILIATION_ROLE:
            yield Fact(
                "affiliation", ALWAYS if first is None else first, last=last, category=code, organisation=member,
                place=holder,
            )  # fmt: skip


def read_organisation(organisation: Resource, event: Event) -> Iterable[Fact]:
    """A `practice` or a `network`, until it is not active any more."""
    kind = kind_of(organisation)
    if kind in (PRACTICE, NETWORK):
        last = day_at(event.time) if organisation.get("active") is False else None
        yield Fact(kind, ALWAYS, last=last, organisation=code_of(organisation))
