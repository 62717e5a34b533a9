"""Support asked for in an area: who takes part, what is agreed, and the list of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tandem.canonical import AFFILIATION_ROLE
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import Neighbourhood
from tandem_tests.network_area import values
from tandem_tests.support_area import SupportArea


async def support_list(client: FhirClient, **asked: str) -> Resource:
    """`ServiceRequest/$support`."""
    return await client.call("GET", f"ServiceRequest/$support?{urlencode(asked)}")


def items(shown: Resource) -> list[dict[str, Any]]:
    """The items of the list by the names of their parts, with `deliveries`."""
    return [
        {**_single(each), "deliveries": [_single(one) for one in values(each, "delivery")]}
        for each in values(shown, "item")
    ]  # fmt: skip


async def join_team(support: SupportArea, patient: str, organisation: str) -> None:
    """The practice has an organisation take part in the person's care."""
    await support.area.client("northern").create({
        "resourceType": "CareTeam", "status": "active", "subject": {"reference": f"Patient/{patient}"},
        "participant": [{"member": support.area.reference(organisation)}],
    })  # fmt: skip
    await support.area.client("operator").caught_up()


async def home_joins(support: SupportArea, patient: str) -> FhirClient:
    """The home of a resident has an agreement with the practice, and a part in the care: its client."""
    await _signed(support, "northern", "elms", "sharing-agreement")
    await join_team(support, patient, "elms")
    return support.area.client("elms")


async def agree_to_coordinate(support: SupportArea, holder: str, provider: str) -> None:
    """Both have agreed that the provider coordinates support offers."""
    await _signed(support, holder, provider, "support-coordination-agreement")


async def _signed(support: SupportArea, holder: str, party: str, role: str) -> None:
    signatures = Neighbourhood(support.area.system, codes=support.area.codes)
    signed = [signatures.signature(each) for each in (holder, party)]
    await support.area.affiliate(holder, party, (AFFILIATION_ROLE, role), extension=signed)
    await support.area.client("operator").caught_up()


def _single(listed: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["name"]: next(value for key, value in each.items() if key != "name") for each in listed}
