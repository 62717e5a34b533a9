"""`HealthcareService/$support-catalogue`: what must be offered, by clinical element and service (EHCH-005)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.domain.support_offers.catalogue import SERVICES, Catalogue, Route, SupportOffer
from cohort_service.support_offers.shipped_catalogue import support_catalogue
from tandem.fhir.operation_parameters import day_or_today, one_of, only
from tandem.fhir.parameters_answer import answer, coded, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from datetime import date

    from tandem.fhir.operation import OperationCall
    from tandem.fhir.parameters_answer import Parameter

_ANY = "any"


async def support_catalogue_answer(call: OperationCall) -> FhirResponse:
    """The `offer`s of the catalogue, narrowed by `element` and `service`, and whether each is `required` `on` a day.

    Without either, the elements, needs and routes too. Raises FhirError 400.
    """
    only(call, ("element", "service", "on"))
    catalogue, on = support_catalogue(), day_or_today(call, "on")
    element = one_of(call, "element", (*catalogue.elements, _ANY), _ANY)
    service = one_of(call, "service", (*SERVICES, _ANY), _ANY)
    offers = [
        each for each in catalogue.offers.values()
        if element in (_ANY, each.element) and (service == _ANY or each.is_for(service))
    ]  # fmt: skip
    whole = _lists(catalogue) if element == service == _ANY else []
    return answer([
        text("version", catalogue.version), on_day("from", catalogue.starts), text("source", catalogue.source),
        on_day("on", on), *whole, *(_offer(each, on, None if service == _ANY else service) for each in offers),
    ])  # fmt: skip


def _offer(offer: SupportOffer, on: date, service: str | None) -> Parameter:
    element = [coded("element", offer.element)] if offer.element is not None else []
    return parts("offer", [
        coded("code", offer.code), text("title", offer.title), *element,
        *(text("covers", each) for each in offer.covers), *(coded("need", each) for each in offer.needs),
        yes("allHours", offer.all_hours), coded("referralKind", offer.kind),
        yes("required", bool(offer.demanded_on(on, service))),
        *(parts("requirement", [
            coded("service", each.service), coded("by", each.by), on_day("since", each.starts),
            text("id", each.requirement), text("source", each.source),
        ]) for each in offer.demands if service in (None, each.service)),
    ])  # fmt: skip


def _lists(catalogue: Catalogue) -> list[Parameter]:
    return [
        *(_titled("element", code, title) for code, title in catalogue.elements.items()),
        *(_titled("need", code, title) for code, title in catalogue.needs.items()),
        *map(_route, catalogue.routes),
    ]


def _titled(name: str, code: str, title: str) -> Parameter:
    return parts(name, [coded("code", code), text("title", title)])


def _route(route: Route) -> Parameter:
    return parts("route", [
        coded("code", route.code), text("title", route.title), *(coded("offer", each) for each in route.offers),
        on_day("since", route.starts), text("requirement", route.requirement), text("source", route.source),
    ])  # fmt: skip
