"""`HealthcareService/$support-gaps`: what a network must have and nobody offers (EHCH-048, EHCH-052 to 061, AC-057)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.domain.support_offers.catalogue import SERVICES
from cohort_service.domain.support_offers.opening_hours import span_in_words
from cohort_service.domain.support_offers.provision import REASONS, Gap, gaps_of
from cohort_service.networks.organisations import reference_of
from cohort_service.support_offers.served_networks import served
from cohort_service.support_offers.service_rows import services_of_networks
from cohort_service.support_offers.shipped_catalogue import support_catalogue
from tandem.fhir.operation_parameters import day_or_today, one_of, only
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import answer, coded, number, on_day, parts, reference, text
from tandem.fhir.request import FhirResponse
from tandem.london_days import beginning_of, day_number

if TYPE_CHECKING:
    from datetime import date

    from tandem.fhir.operation import OperationCall
    from tandem.fhir.parameters_answer import Parameter

_ANY = "any"


async def support_gaps(call: OperationCall) -> FhirResponse:
    """A `gap` for each offer that is required `on` a day (today) and not there, and the codes of those `covered`.

    Of a `network`, or that of a `practice` or `home`; `service` EHCH or AC narrows. Raises FhirError 400, 422.
    """
    only(call, ("network", "practice", "home", "on", "service"))
    on, catalogue = day_or_today(call, "on"), support_catalogue()
    asked = one_of(call, "service", (*SERVICES, _ANY), _ANY)
    service, day = (None if asked == _ANY else asked), day_number(on)
    required = catalogue.required_on(on, service)
    async with call.kernel.database.read() as connection:
        whose = await served(call, connection, day)
        if len(whose.networks) != 1:
            raise FhirError(Kind.UNPROCESSABLE, "Gaps are those of one network; name the one that is meant: network")
        held = await services_of_networks(connection, whose.networks, day, {each.code for each in required})
        network = await reference_of(connection, whose.networks[0])
    gaps = gaps_of(required, [each.resource for each in held], (beginning_of(day), beginning_of(day + 1)))
    lacking = {each.offer.code for each in gaps}
    return answer([
        text("catalogue", catalogue.version), on_day("on", on), {"name": "network", "valueReference": network},
        number("required", len(required)), *(_gap(each, on, service) for each in gaps),
        *(coded("covered", each.code) for each in required if each.code not in lacking),
    ])  # fmt: skip


def _gap(gap: Gap, on: date, service: str | None) -> Parameter:
    offer = gap.offer
    return parts("gap", [
        coded("code", offer.code), text("title", offer.title), coded("reason", gap.reason),
        text("text", REASONS[gap.reason]),
        *(text("uncovered", span_in_words(each)) for each in gap.uncovered),
        *(reference("service", f"HealthcareService/{each['id']}") for each in gap.services),
        *(parts("requirement", [
            coded("service", each.service), coded("by", each.by), on_day("since", each.starts),
            text("id", each.requirement), text("source", each.source),
        ]) for each in offer.demanded_on(on, service)),
    ])  # fmt: skip
