"""`HealthcareService/$referral-routes`: how a care home refers, and which route is missing (EHCH-075, EHCH-076).

Beside each provider stands whether information is shared with it: it is the network, one of its practices, or has an
agreement with one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.domain.support_offers.referral_routes import RouteState, route_state
from cohort_service.networks.organisations import reference_of
from cohort_service.support_offers.network_providers import sharing_with
from cohort_service.support_offers.served_networks import served
from cohort_service.support_offers.service_rows import SupportService, services_of_networks
from cohort_service.support_offers.shipped_catalogue import support_catalogue
from cohort_service.support_offers.told_services import told_service
from tandem.clock import from_micros, to_micros
from tandem.fhir.operation_parameters import day_or_today, only, today
from tandem.fhir.parameters_answer import answer, coded, on_day, parts, text, yes
from tandem.fhir.request import FhirResponse
from tandem.london_days import beginning_of, day_number

if TYPE_CHECKING:
    from datetime import datetime

    from tandem.fhir.operation import OperationCall
    from tandem.fhir.parameters_answer import Parameter


async def referral_routes(call: OperationCall) -> FhirResponse:
    """A `route` for each that a care home must have, with its `state`, what is `missing` and each `provider`.

    Of a `home` or a `network`, else of the caller's own, as they are `on` a day (now). A home that is aligned to no
    network has no route. Raises FhirError 400, 422.
    """
    only(call, ("network", "home", "on"))
    on, catalogue = day_or_today(call, "on"), support_catalogue()
    day = day_number(on)
    at = call.kernel.clock.now() if on == today(call) else from_micros(beginning_of(day))
    offers = {code for route in catalogue.routes for code in route.offers}
    async with call.kernel.database.read() as connection:
        whose = await served(call, connection, day)
        held = await services_of_networks(connection, whose.networks, day, offers)
        sharing = await sharing_with(connection, whose.networks, to_micros(at))
        home = [await reference_of(connection, whose.home)] if whose.home is not None else []
        networks = [await reference_of(connection, each) for each in whose.networks]
    by_id = {each.resource["id"]: each for each in held}
    states = [route_state(each, [one.resource for one in held], on, to_micros(at)) for each in catalogue.routes]
    return answer([
        text("catalogue", catalogue.version), on_day("on", on),
        *({"name": "home", "valueReference": each} for each in home),
        *({"name": "network", "valueReference": each} for each in networks),
        *([] if whose.home is None else [yes("aligned", bool(networks))]),
        *(_route(each, by_id, sharing, at) for each in states),
    ])  # fmt: skip


def _route(state: RouteState, held: dict[str, SupportService], sharing: set[str], at: datetime) -> Parameter:
    route = state.route
    return parts("route", [
        coded("code", route.code), text("title", route.title), coded("state", state.state),
        *(coded("missing", each) for each in state.missing),
        on_day("since", route.starts), text("requirement", route.requirement), text("source", route.source),
        *(coded("offer", each) for each in route.offers),
        *(parts("provider", [
            *told_service(held[each["id"]], at), yes("sharing", held[each["id"]].provider.code in sharing),
        ]) for each in state.services),
    ])  # fmt: skip
