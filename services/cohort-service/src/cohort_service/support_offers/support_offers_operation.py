"""`HealthcareService/$support-offers`: who offers what a person needs, here and now (PCN-078, EHCH-048, SMR-025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.domain.support_offers.catalogue import SERVICES, Catalogue, SupportOffer
from cohort_service.domain.support_offers.opening_hours import is_open
from cohort_service.domain.support_offers.support_service import SECTORS, offers_of
from cohort_service.networks.organisations import reference_of
from cohort_service.support_offers.served_networks import NAMING, served
from cohort_service.support_offers.service_rows import SupportService, services_of_networks
from cohort_service.support_offers.shipped_catalogue import support_catalogue
from cohort_service.support_offers.told_services import told_service
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.operation_parameters import moment_or_now, one_of, only, optional_text, page
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, coded, instant, number, parts, text
from tandem.fhir.request import FhirResponse
from tandem.london_days import day_of

if TYPE_CHECKING:
    from datetime import datetime

    from tandem.fhir.operation import OperationCall
    from tandem.fhir.parameters_answer import Parameter

_ANY = "any"
_ASKED = (*NAMING, "need", "at", "element", "sector", "service", "_count", "_offset")


async def support_offers(call: OperationCall) -> FhirResponse:
    """An `offer` for each service and what it offers, by title and name; `total` counts all of them.

    `need` is an offer or a need of the catalogue, `at` a moment at which the service must be there; `element`,
    `service` (EHCH, AC) and `sector` narrow further. Raises FhirError 400, 404, 422.
    """
    only(call, _ASKED)
    catalogue, at = support_catalogue(), moment_or_now(call, "at")
    wanted = {each.code: each for each in _wanted(call, catalogue)}
    sector = one_of(call, "sector", (*SECTORS, _ANY), _ANY)
    count, offset = page(call)
    async with call.kernel.database.read() as connection:
        whose = await served(call, connection, day_of(at))
        services = await services_of_networks(connection, whose.networks, day_of(at), wanted)
        networks = [await reference_of(connection, each) for each in whose.networks]
    found = [
        (wanted[code], each) for each in services for code in offers_of(each.resource)
        if code in wanted and sector in (_ANY, each.sector)
        and (call.one("at") is None or is_open(each.resource, at))
    ]  # fmt: skip
    found.sort(key=lambda pair: pair[0].title)
    if whose.patient is not None:
        now = to_micros(call.kernel.clock.now())
        await audit_reads(
            call.kernel.database, call.request, "$support-offers", "HealthcareService", {whose.patient}, now
        )
    return answer([
        text("catalogue", catalogue.version), instant("at", at),
        *({"name": "network", "valueReference": each} for each in networks), number("total", len(found)),
        *(_offer(offer, each, at) for offer, each in found[offset : offset + count]),
    ])  # fmt: skip


def _wanted(call: OperationCall, catalogue: Catalogue) -> list[SupportOffer]:
    need, element = optional_text(call, "need"), one_of(call, "element", (*catalogue.elements, _ANY), _ANY)
    service = one_of(call, "service", (*SERVICES, _ANY), _ANY)
    if need is not None and not catalogue.meeting(need):
        text = "need is an offer or a need of the catalogue: HealthcareService/$support-catalogue lists them"
        raise FhirError(Kind.BAD_REQUEST, text, expression="need")
    codes = catalogue.offers if need is None else catalogue.meeting(need)
    return [
        each for each in map(catalogue.offers.__getitem__, codes)
        if element in (_ANY, each.element) and (service == _ANY or each.is_for(service))
    ]  # fmt: skip


def _offer(offer: SupportOffer, service: SupportService, at: datetime) -> Parameter:
    element = [coded("element", offer.element)] if offer.element is not None else []
    return parts("offer", [
        coded("code", offer.code), text("title", offer.title), *element, coded("referralKind", offer.kind),
        *told_service(service, at),
    ])  # fmt: skip
