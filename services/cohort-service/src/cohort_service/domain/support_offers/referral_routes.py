"""Whether a care home can refer: for each route a provider with a contact and its hours (EHCH-075, EHCH-076)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from cohort_service.domain.support_offers.catalogue import Route
from cohort_service.domain.support_offers.opening_hours import states_hours
from cohort_service.domain.support_offers.support_service import contacts_of, offers_of
from tandem.fhir.body import Resource

CLEAR: Final = "clear"
GAP: Final = "gap"
NOT_YET: Final = "not-yet-required"
"""A route is clear, a gap, or lacks something before the day from which it must be there."""
PROVIDER, CONTACT, HOURS = "provider", "contact", "hours"


@dataclass(frozen=True, slots=True)
class RouteState:
    """How a route stands. `missing` is what no provider of it has; `services` are all who take such referrals."""

    route: Route
    state: str
    missing: tuple[str, ...]
    services: tuple[Resource, ...]


def route_state(route: Route, services: Iterable[Resource], day: date, at: int) -> RouteState:
    """How a route stands on a day; `at` is a moment of it (microseconds). One provider with everything makes it."""
    offering = [each for each in services if set(route.offers) & set(offers_of(each))]
    lacking = [_lacking(each, at) for each in offering]
    missing = min(lacking, key=len) if lacking else (PROVIDER,)
    state = CLEAR if not missing else GAP if day >= route.starts else NOT_YET
    return RouteState(route, state, missing, tuple(offering))


def _lacking(service: Resource, at: int) -> tuple[str, ...]:
    has = ((CONTACT, bool(contacts_of(service, at))), (HOURS, states_hours(service)))
    return tuple(name for name, held in has if not held)
