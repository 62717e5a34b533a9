"""Whether what must be offered is offered: gaps of an area (EHCH-048, EHCH-052 to 061, EHCH-066, AC-057 to 069)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cohort_service.domain.support_offers.catalogue import SupportOffer
from cohort_service.domain.support_offers.opening_hours import Span, is_away, not_covered, states_hours, weekly_hours
from cohort_service.domain.support_offers.support_service import offers_of
from tandem.fhir.body import Resource

NO_PROVIDER: Final = "no-provider"
AWAY: Final = "provider-away"
NOT_ALL_HOURS: Final = "not-all-hours"
REASONS: Final = {
    NO_PROVIDER: "Nobody offers it here",
    AWAY: "Everybody who offers it here is away on this day, or a part of it",
    NOT_ALL_HOURS: "It must be there 24 hours a day, and is not",
}
"""Why there is a gap."""


@dataclass(frozen=True, slots=True)
class Gap:
    """An offer that is not provided as it must be. `uncovered` are the hours of a week that nobody covers."""

    offer: SupportOffer
    reason: str
    uncovered: tuple[Span, ...]
    services: tuple[Resource, ...]


def gap_of(offer: SupportOffer, services: Iterable[Resource], day: Span) -> Gap | None:
    """What is lacking of an offer in an area on a day (its microseconds); `services` are all that serve the area.

    Several providers make 24 hours together. Who is away for a part of the day covers no day whole.
    """
    offering = [each for each in services if offer.code in offers_of(each)]
    if not offering:
        return Gap(offer, NO_PROVIDER, (), ())
    there = [each for each in offering if not is_away(each, *day, throughout=not offer.all_hours)]
    if not there:
        return Gap(offer, AWAY, (), tuple(offering))
    if offer.all_hours and (left := _left_open(there)):
        return Gap(offer, NOT_ALL_HOURS, tuple(left), tuple(offering))
    return None


def gaps_of(offers: Iterable[SupportOffer], services: Sequence[Resource], day: Span) -> list[Gap]:
    """The gaps of all these offers, in their order."""
    return [gap for each in offers if (gap := gap_of(each, services, day)) is not None]


def _left_open(services: Iterable[Resource]) -> list[Span]:
    return not_covered(span for each in services if states_hours(each) for span in weekly_hours(each))
