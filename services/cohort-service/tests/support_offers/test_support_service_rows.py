"""Which services serve a network: as they say, else by the networks of their provider; whoever comes first."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from cohort_service.support_offers.service_rows import services_of_networks
from tandem.canonical import AFFILIATION_ROLE, ODS_CODE, ORGANISATION_TYPE, SERVES_NETWORK, SUPPORT_OFFER
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem.identity.projection import project
from tandem.london_days import day_of
from tandem_tests.small_work import START, SmallWork

OPERATOR = Caller("T0001", operator=True)
TODAY = day_of(START)


async def write(work: SmallWork, resource: dict[str, Any]) -> None:
    """As the kernel does: what decides on access first, then the rules and reactions."""
    await project(work.connection, resource["resourceType"], resource["id"], resource)
    await work.write(resource, OPERATOR)


def organization(code: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Organization", "id": code.lower(), "active": True, "name": f"The {kind}",
        "identifier": [{"system": ODS_CODE, "value": code}],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}], **more,
    }  # fmt: skip


def member(holder: str, one: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "OrganizationAffiliation", "id": f"{holder}-{one}", "active": True,
        "organization": {"reference": f"Organization/{holder}"},
        "participatingOrganization": {"reference": f"Organization/{one}"},
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}], **more,
    }  # fmt: skip


def service(identity: str, provider: str, *serves: str, offers: tuple[str, ...] = ("dietetics",), **more: Any) -> Any:
    return {
        "resourceType": "HealthcareService", "id": identity, "name": identity,
        "providedBy": {"reference": f"Organization/{provider}"},
        "type": [{"coding": [{"system": SUPPORT_OFFER, "code": each}]} for each in offers],
        "extension": [{"url": SERVES_NETWORK, "valueReference": {"reference": f"Organization/{each}"}}
                      for each in serves], **more,
    }  # fmt: skip


async def settle(work: SmallWork) -> None:
    for each in (
        organization("U10001", "network"), organization("U10002", "network"), organization("QBOARD", "commissioner"),
        organization("RTRUST", "community-provider"), organization("VHELP", "voluntary"), member("u10001", "vhelp"),
        member("qboard", "u10001"), member("qboard", "u10002"),
    ):  # fmt: skip
        await write(work, each)


async def found(work: SmallWork, network: str = "U10001", day: int = TODAY, **more: Any) -> list[str]:
    services = await services_of_networks(work.connection, [network], day, **more)
    return [each.resource["id"] for each in services]


async def test_a_service_is_for_whom_it_names_or_for_the_networks_of_its_provider(work: SmallWork) -> None:
    await settle(work)
    for each in (
        service("named", "rtrust", "u10001"), service("elsewhere", "rtrust", "u10002"),
        service("everywhere", "rtrust", "qboard"), service("by-member", "vhelp"), service("by-itself", "u10001"),
        service("of-nobody", "rtrust"), service("off", "rtrust", "u10001", active=False),
    ):  # fmt: skip
        await write(work, each)
    assert await found(work) == ["by-itself", "by-member", "everywhere", "named"]
    assert await found(work, "U10002") == ["elsewhere", "everywhere"]
    assert await found(work, offers=["dietetics"]) == await found(work)
    assert await found(work, offers=["oral-health"]) == []
    assert await found(work, offers=[]) == []
    sectors = {
        each.resource["id"]: each.sector for each in await services_of_networks(work.connection, ["U10001"], TODAY)
    }
    assert sectors == {
        "by-itself": "statutory", "by-member": "voluntary", "everywhere": "statutory", "named": "statutory",
    }  # fmt: skip


async def test_a_partOf_commissioner_counts_and_a_membership_ends_with_its_period(work: SmallWork) -> None:
    for each in (
        organization("QBOARD", "commissioner"), organization("VHELP", "voluntary"),
        organization("U10001", "network", partOf={"reference": "Organization/qboard"}),
        member("u10001", "vhelp", period={"start": "2020-01-01", "end": "2020-07-31"}),
        service("everywhere", "vhelp", "qboard"), service("by-member", "vhelp"),
    ):  # fmt: skip
        await write(work, each)
    assert await found(work) == ["by-member", "everywhere"]
    assert await found(work, day=TODAY + 31) == ["everywhere"]


async def test_what_is_withdrawn_or_changed_is_found_no_more(work: SmallWork) -> None:
    await settle(work)
    await write(work, service("one", "rtrust", "u10001", offers=("dietetics", "oral-health")))
    await write(work, service("one", "rtrust", "u10002", offers=("dietetics",)))
    assert await found(work) == []
    assert await found(work, "U10002", offers=["oral-health"]) == []
    await write(work, {**service("one", "rtrust", "u10002"), "type": [{"text": "Dietetics"}]})
    assert await found(work, "U10002") == []
    await write(work, service("one", "rtrust", "u10002"))
    await work.delete("HealthcareService", "one")
    assert await found(work, "U10002") == []
    await write(work, service("two", "rtrust", "u10001"))
    await write(work, organization("RTRUST", "community-provider", active=False))
    assert await found(work) == [], "its provider is no more"


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_order_in_which_they_are_heard_of_does_not_matter(work: SmallWork, order: tuple[int, ...]) -> None:
    written = [organization("U10001", "network"), organization("VHELP", "voluntary"), service("one", "vhelp", "u10001")]
    for number in order:
        await write(work, written[number])
    [only] = await services_of_networks(work.connection, ["U10001"], TODAY)
    assert (only.provider.name, only.sector) == ("The voluntary", "voluntary")


async def test_an_offer_that_the_catalogue_does_not_have_is_refused_and_leaves_nothing(work: SmallWork) -> None:
    await settle(work)
    with pytest.raises(FhirError):
        await work.write(service("one", "rtrust", "u10001", offers=("no-such",)), OPERATOR)
    assert await work.connection.fetchval("SELECT COUNT(*) FROM support_offer_area") == 0
