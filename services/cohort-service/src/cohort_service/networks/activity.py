"""For whom something was delivered: the network that is accountable for an Encounter (PCN-068)."""

from __future__ import annotations

from dataclasses import dataclass

from cohort_service.domain.networks.codes import SERVICE_SYSTEM
from cohort_service.domain.networks.days import days_of
from cohort_service.networks.organisations import code_named, is_network, networks_of
from cohort_service.networks.sub_contracts import contractor_for
from tandem.clock import from_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code
from tandem.identity.periods import bounds
from tandem.london_days import day_of


@dataclass(frozen=True, slots=True)
class Activity:
    """What an Encounter says: the service, its day, and who provided it (a code, or `Organization/id`)."""

    service: str
    day: int
    provider: str


@dataclass(frozen=True, slots=True)
class Accountability:
    """Codes of the network and of who delivers; `sub_contract` is the id of the OrganizationAffiliation, if one."""

    network: str
    delivers: str
    sub_contract: str | None


def activity_of(encounter: Resource) -> Activity | None:
    """The activity of an Encounter that names its service and its provider; None otherwise."""
    codings = (encounter.get("serviceType") or {}).get("coding") or ()
    services = [str(each.get("code")) for each in codings if each.get("system") == SERVICE_SYSTEM]
    provider = reference_code(encounter.get("serviceProvider"))
    if not services or provider is None:
        return None
    start = (encounter.get("period") or {}).get("start")
    day = days_of({"start": start}).first if start else day_of(from_micros(bounds(encounter["meta"]["lastUpdated"])[0]))
    return Activity(services[0], day, provider)


async def accountable_for(connection: Connection, activity: Activity, patient: str) -> Accountability | None:
    """Who answers for it: a network of the person's practice, or the network itself.

    The provider has a sub-contract with the network or the practice, or is one of these two.
    """
    provider = await code_named(connection, activity.provider)
    practice = await connection.fetchval("SELECT practice FROM patient WHERE id = $1", patient)
    if provider is None or practice is None:
        return None
    networks = await networks_of(connection, practice, activity.day)
    if not networks:
        return None
    for holder in (*networks, practice):
        contract = await contractor_for(connection, holder, activity.service, activity.day)
        if contract is not None and contract.delivers == provider:
            network = holder if await is_network(connection, holder) else networks[0]
            return Accountability(network, provider, contract.id)
    if provider == practice or provider in networks:
        return Accountability(provider if provider in networks else networks[0], provider, None)
    return None
