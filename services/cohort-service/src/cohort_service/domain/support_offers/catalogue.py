"""The catalogue of support offers: what the specifications ask for, of whom and from when (000 §3.10, §3.16, §4.12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

CARE_HOMES: Final = "EHCH"
SERVICES: Final = (CARE_HOMES, "AC")
PROVIDERS: Final = ("network", "community")
_KIND: Final = "support-offer"


@dataclass(frozen=True, slots=True)
class Demand:
    """A specification asks for an offer: of a `network` or of `community` providers, from a day on."""

    service: str
    by: str
    starts: date
    requirement: str
    source: str


@dataclass(frozen=True, slots=True)
class SupportOffer:
    """One offer. `covers` is what it includes; `kind` the kind of referral by which it is asked for."""

    code: str
    title: str
    covers: tuple[str, ...]
    element: str | None
    all_hours: bool
    kind: str
    needs: tuple[str, ...]
    demands: tuple[Demand, ...]

    def demanded_on(self, day: date, service: str | None = None) -> tuple[Demand, ...]:
        """Who asks for it on a day, of one service or of any."""
        return tuple(each for each in self.demands if each.starts <= day and service in (None, each.service))

    def is_for(self, service: str) -> bool:
        """Whether a service asks for it, whenever."""
        return any(each.service == service for each in self.demands)


@dataclass(frozen=True, slots=True)
class Route:
    """A referral route that care homes must have; any of the offers makes it (EHCH-075, EHCH-076)."""

    code: str
    title: str
    offers: tuple[str, ...]
    starts: date
    requirement: str
    source: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version. `elements` and `needs` are titles by code, `offers` and `routes` stand in the order of the file."""

    version: str
    starts: date
    source: str
    elements: Mapping[str, str]
    needs: Mapping[str, str]
    offers: Mapping[str, SupportOffer]
    routes: tuple[Route, ...]

    def meeting(self, need: str) -> tuple[str, ...]:
        """The codes of the offers that a need asks for: the offer of this code, or those that meet the need."""
        if need in self.offers:
            return (need,)
        return tuple(each.code for each in self.offers.values() if need in each.needs)

    def required_on(self, day: date, service: str | None = None) -> list[SupportOffer]:
        """The offers that somebody must provide on a day."""
        return [each for each in self.offers.values() if each.demanded_on(day, service)]


def catalogue_of(file: Mapping[str, Any]) -> Catalogue:
    """Read a file shaped as `support_offers/catalogue.yaml`. Raises ValueError that names what does not fit."""
    catalogue = Catalogue(
        str(file["version"]), file["from"], file["source"], file["elements"], file["needs"],
        {each["code"]: _offer(each) for each in file["offers"]}, tuple(map(_route, file["routes"])),
    )  # fmt: skip
    if len(catalogue.offers) < len(file["offers"]):
        raise ValueError("every offer has a code of its own")
    if faults := list(_faults(catalogue)):
        raise ValueError("; ".join(faults))
    return catalogue


def _offer(body: Mapping[str, Any]) -> SupportOffer:
    demands = tuple(
        Demand(each["service"], each["by"], each["from"], each["requirement"], each["source"])
        for each in body.get("required") or ()
    )
    return SupportOffer(
        body["code"], body["title"], tuple(body.get("covers") or ()), body.get("element"),
        body.get("all-hours") is True, body.get("kind") or _KIND, tuple(body.get("needs") or ()), demands,
    )  # fmt: skip


def _route(body: Mapping[str, Any]) -> Route:
    return Route(body["code"], body["title"], tuple(body["offers"]), body["from"], body["requirement"], body["source"])


def _faults(catalogue: Catalogue) -> Iterable[str]:
    for offer in catalogue.offers.values():
        if offer.element is None and offer.is_for(CARE_HOMES):
            yield f"{offer.code}: an offer for care homes belongs to one clinical element (000 §3.10, EHCH-005)"
        if offer.element is not None and offer.element not in catalogue.elements:
            yield f"{offer.code}: {offer.element} is no element"
        if not offer.needs or not set(offer.needs) <= set(catalogue.needs):
            yield f"{offer.code}: needs are of the list of needs, one or more"
        if offer.code in catalogue.needs:
            yield f"{offer.code}: an offer and a need have different codes"
        for each in offer.demands:
            if each.service not in SERVICES or each.by not in PROVIDERS:
                yield f"{offer.code}: it is asked for by one of {SERVICES}, of one of {PROVIDERS}"
    for route in catalogue.routes:
        if not set(route.offers) <= set(catalogue.offers):
            yield f"route {route.code}: it is made by offers of the catalogue"
