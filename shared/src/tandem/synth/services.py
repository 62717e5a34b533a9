"""Where care is given and what can be referred to: Location and HealthcareService."""

from __future__ import annotations

from collections.abc import Iterator

from tandem import canonical
from tandem.nhs.ods import ODS_SITE_CODE
from tandem.synth.datatypes import Json, profiled, reference
from tandem.synth.network import CareHome, Network, Party, synthetic_id

BED_COUNT = f"{canonical.BASE}/StructureDefinition/bed-count"
"""Extension on Location: how many beds a care home has (valueInteger)."""

OFFERED: dict[str, dict[str, tuple[str, ...]]] = {
    "community-provider": {
        "Community nursing": ("community-nursing", "tissue-viability"),
        "Falls service": ("falls-prevention", "fall-risk-assessment-and-intervention"),
        "Urgent community response": ("crisis-response",), "Community physiotherapy": ("mobility-assessment",),
        "Community rehabilitation and reablement": ("rehabilitation", "reablement"),
    },
    "acute-trust": {"Care of older people": (), "Urgent suspected cancer clinic": ()},
    "pharmacy": {"Medicines advice": ("healthy-living-pharmacy",)},
    "social-care": {"Adult social care assessment": ()},
    "voluntary": {"Befriending and local activities": ("befriending",)},
    "network": {
        "Social prescribing": ("social-prescribing",), "Care coordination": ("care-coordination",),
        "Structured medication review": ("structured-medication-review",),
    },
}  # fmt: skip
"""What each kind of provider offers, with its codes in the directory of support offers."""
_DAY_AND_NIGHT = frozenset(("crisis-response",))
_OFFICE_HOURS: Json = {
    "daysOfWeek": ["mon", "tue", "wed", "thu", "fri"],
    "availableStartTime": "09:00:00", "availableEndTime": "17:00:00",
}  # fmt: skip


def locations(network: Network) -> Iterator[Json]:
    """A Location for each care home, with its beds."""
    for home in network.homes:
        yield {
            "resourceType": "Location",
            "id": home.location.removeprefix("Location/"),
            "meta": profiled("Location"),
            "extension": [{"url": BED_COUNT, "valueInteger": home.beds}],
            "identifier": [{"system": ODS_SITE_CODE, "value": home.party.code}],
            "status": "active",
            "name": home.party.name,
            "mode": "instance",
            "address": dict(home.address),
            "managingOrganization": reference(home.party.reference, home.party.name),
        }


def healthcare_services(network: Network) -> Iterator[Json]:
    """What each provider and the network offer, and the support each practice gives to the homes aligned with it."""
    for provider in (network.pcn, *network.providers):
        for name, offers in OFFERED[provider.kind].items():
            yield _service(network, provider, name, provider.code, offers)
    for home in network.homes:
        practice = network.practices[home.aligned_practice]
        yield _service(network, practice, "Enhanced health in care homes", home.party.code, ("care-home-team",), home)


def _service(
    network: Network, provider: Party, name: str, discriminator: str, offers: tuple[str, ...],
    home: CareHome | None = None,
) -> Json:  # fmt: skip
    identity = synthetic_id(network.seed, "HealthcareService", discriminator, name)
    service: Json = {
        "resourceType": "HealthcareService",
        "id": identity,
        "meta": profiled("HealthcareService"),
        "active": True,
        "providedBy": reference(provider.reference, provider.name),
        "type": [{"text": name}],
        "name": f"{name}, {home.party.name if home else provider.name}",
    }
    if home:
        service["location"] = [reference(home.location, home.party.name)]
    return {**service, **_as_support(network, identity, name, offers)} if offers else service


def _as_support(network: Network, identity: str, name: str, offers: tuple[str, ...]) -> Json:
    """What makes it an entry of the directory: what it offers to the network, when, and a number to ring."""
    # Of the numbers that Ofcom keeps for stories.
    number = f"01632 960{sum(map(ord, identity)) % 1000:03d}"
    return {
        "extension": [{"url": canonical.SERVES_NETWORK, "valueReference": reference(network.pcn.reference)}],
        "type": [
            {"text": name, "coding": [{"system": canonical.SUPPORT_OFFER, "code": offer}]} for offer in offers
        ],
        "telecom": [{"system": "phone", "value": number, "use": "work"}],
        "availableTime": [{"allDay": True} if set(offers) & _DAY_AND_NIGHT else _OFFICE_HOURS],
    }  # fmt: skip
