"""An area with providers of support: what they offer, what is found and lacking, and referrals to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from tandem.canonical import AFFILIATION_ROLE, REFERRAL_KIND, SERVES_NETWORK, SUPPORT_OFFER
from tandem.demo.client import eventually
from tandem.fhir.body import Resource
from tandem_tests.home_rounds import told
from tandem_tests.neighbourhood import Neighbourhood
from tandem_tests.network_area import Area, new_area, values
from tandem_tests.running import EmbeddedTandem

OFFICE_HOURS = [{
    "daysOfWeek": ["mon", "tue", "wed", "thu", "fri"],
    "availableStartTime": "09:00:00", "availableEndTime": "17:00:00",
}]  # fmt: skip
ALL_HOURS = [{"allDay": True}]
TELEPHONE = [{"system": "phone", "value": "020 7946 0123"}]


@dataclass(slots=True)
class SupportArea:
    """Home `elms` is aligned to network `north`; `trust` is a community provider and `helpers` a charity.

    Both have a sharing agreement with practice `northern`. Nobody offers anything yet.
    """

    area: Area

    async def offer(
        self, provider: str, *codes: str, serves: tuple[str, ...] = ("north",), by: str | None = None, **more: Any
    ) -> str:
        """A provider offers something in office hours, by telephone: `HealthcareService/id`."""
        made = await self.area.client(by or provider).create(self.service(provider, *codes, serves=serves, **more))
        return f"HealthcareService/{made['id']}"

    def service(self, provider: str, *codes: str, serves: tuple[str, ...] = ("north",), **more: Any) -> Resource:
        """The HealthcareService by which something is offered; what is None is left out."""
        served = [{"url": SERVES_NETWORK, "valueReference": self.area.reference(each)} for each in serves]
        whole = {
            "resourceType": "HealthcareService", "active": True, "name": f"{', '.join(codes)} by {provider}",
            "providedBy": self.area.reference(provider), "telecom": TELEPHONE, "availableTime": OFFICE_HOURS,
            "type": [{"coding": [{"system": SUPPORT_OFFER, "code": each}]} for each in codes],
            **({"extension": served} if served else {}), **more,
        }  # fmt: skip
        return {name: value for name, value in whole.items() if value is not None}

    async def ask(self, operation: str, client: str = "northern", **asked: str) -> Resource:
        """What an operation of the directory answers."""
        path = f"HealthcareService/${operation}"
        return await self.area.client(client).read(f"{path}?{urlencode(asked)}" if asked else path)

    async def found(self, client: str = "northern", **asked: str) -> list[dict[str, Any]]:
        """The offers that are found, told by name."""
        return [told(each) for each in values(await self.ask("support-offers", client, **asked), "offer")]

    async def gaps(self, network: str = "north", **asked: str) -> dict[str, dict[str, Any]]:
        """What a network lacks, by the code of the offer."""
        answer = await self.ask("support-gaps", network=self.area.codes[network], **asked)
        return {each["code"]: each for each in map(told, values(answer, "gap"))}

    async def routes(self, client: str = "elms", **asked: str) -> dict[str, list[dict[str, Any]]]:
        """The parts of each referral route, by its code."""
        answer = await self.ask("referral-routes", client, **asked)
        return {values(each, "code")[0]: each for each in values(answer, "route")}

    async def resident(self) -> str:
        """Somebody of practice `northern` who lives in the home: Patient.id."""
        patient = await self.area.register("northern")
        await self.area.move_in("northern", patient, "elms", "2020-06-01")
        await self.area.client("operator").caught_up()
        return patient

    async def refer(self, patient: str, offer: dict[str, Any], client: str = "northern", **more: Any) -> Resource:
        """Refer somebody to an offer as it was found: the ServiceRequest."""
        return await self.area.client(client).create({
            "resourceType": "ServiceRequest", "status": "active", "intent": "order",
            "category": [{"coding": [{"system": REFERRAL_KIND, "code": offer["referralKind"]}]}],
            "code": {"coding": [{"system": SUPPORT_OFFER, "code": offer["code"]}]},
            "subject": {"reference": f"Patient/{patient}"}, "requester": self.area.reference(client),
            "performer": [{"reference": offer["provider"]["reference"]}], **more,
        })  # fmt: skip

    async def task_of(self, request: Resource, provider: str) -> Resource:
        """The Task of a referral as its provider reads it."""
        client = self.area.client(provider)
        query = f"Task?focus=ServiceRequest/{request['id']}"
        [task] = await eventually(lambda: client.search(query), self.area.client("operator").caught_up)
        found: Resource = task
        return found

    async def accept(self, task: Resource, provider: str) -> Resource:
        """The provider accepts a Task."""
        accepted = [{"op": "replace", "path": "/status", "value": "accepted"}]
        return await self.area.client(provider).patch(f"Task/{task['id']}", accepted)


async def new_support_area(http: httpx.AsyncClient, system: EmbeddedTandem) -> SupportArea:
    """An area with its providers, where nobody offers anything yet."""
    area = await new_area(http, system)
    await area.align("north", "elms", period={"start": "2020-06-01"})
    await area.enter("trust", "community-provider", f"RS{area.number:03}")
    await area.enter("helpers", "voluntary", f"VH{area.number:03}")
    signatures = Neighbourhood(system, codes=area.codes)
    for provider in ("trust", "helpers"):
        signed = [signatures.signature(each) for each in ("northern", provider)]
        await area.affiliate("northern", provider, (AFFILIATION_ROLE, "sharing-agreement"), extension=signed)
    await area.client("operator").caught_up()
    return SupportArea(area)
