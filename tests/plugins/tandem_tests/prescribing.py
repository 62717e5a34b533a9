"""A practice of a network that prescribes, with list sizes, through the API alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from tandem.canonical import DMD, NET_INGREDIENT_COST, SNOMED_CT
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem.nhs.value_set import BNF
from tandem_tests.network_area import Area, new_area, part
from tandem_tests.practice_lists import coded
from tandem_tests.running import EmbeddedTandem, ServiceTandem

ROUTES = {"oral": "26643006", "inhalation": "447694001", "injection": "47625008"}


@dataclass(slots=True)
class Prescribing:
    """The area whose practices `northern` and `southern` prescribe; `north` is the network of the first."""

    area: Area

    @property
    def practice(self) -> FhirClient:
        """The practice `northern`."""
        return self.area.client("northern")

    async def list_size(self, practice: str, registered: int, day: str = "2019-04-01") -> None:
        """How many people are registered with a practice from a day on."""
        await self.area.ask(practice, practice, "list-size", part(
            "list-size", part("date", valueDate=day), part("registered", valueInteger=registered),
        ))  # fmt: skip

    async def order(
        self, patient: str, bnf: str, on: str = "2020-06-10", *, practice: str = "northern", **more: Any
    ) -> Resource:
        """An order that was issued, by its BNF code; `dmd` is a product besides, `cost` in pounds."""
        codings = [{"system": BNF, "code": bnf}]
        codings += [{"system": DMD, "code": more.pop("dmd")}] if "dmd" in more else []
        route, cost = more.pop("route", None), more.pop("cost", None)
        sent: Resource = {
            "resourceType": "MedicationRequest", "status": "completed", "intent": "order", "authoredOn": on,
            "medicationCodeableConcept": {"coding": codings}, "subject": {"reference": f"Patient/{patient}"},
            "dispenseRequest": {"quantity": {"value": more.pop("quantity", 28)}}, **more,
        }  # fmt: skip
        if route is not None:
            sent["dosageInstruction"] = [{"route": coded(ROUTES[route], route, SNOMED_CT)}]
        if cost is not None:
            money = {"value": cost, "currency": "GBP"}
            sent["extension"] = [{"url": NET_INGREDIENT_COST, "valueMoney": money}]
        return await self.area.client(practice).create(sent)


async def new_prescribing(http: httpx.AsyncClient, system: EmbeddedTandem | ServiceTandem) -> Prescribing:
    """A new area, where 2,000 people are registered with `northern` and 1,000 with `southern`."""
    prescribing = Prescribing(await new_area(http, system))
    await prescribing.list_size("northern", 2000)
    await prescribing.list_size("southern", 1000)
    return prescribing
