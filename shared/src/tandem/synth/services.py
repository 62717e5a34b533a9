"""Where care is given and what can be referred to: Location and HealthcareService."""

from __future__ import annotations

from collections.abc import Iterator

from tandem import canonical
from tandem.nhs.ods import ODS_SITE_CODE
from tandem.synth.datatypes import Json, profiled, reference
from tandem.synth.network import CareHome, Network, Party, synthetic_id

BED_COUNT = f"{canonical.BASE}/StructureDefinition/bed-count"
"""Extension on Location: how many beds a care home has (valueInteger)."""

_OFFERED = {
    "community-provider": (
        "Community nursing", "Falls service", "Urgent community response", "Community physiotherapy",
        "Community rehabilitation and reablement",
    ),
    "acute-trust": ("Care of older people", "Urgent suspected cancer clinic"),
    "pharmacy": ("Medicines advice",),
    "social-care": ("Adult social care assessment",),
    "voluntary": ("Befriending and local activities",),
    "network": ("Social prescribing", "Structured medication review", "Care coordination"),
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
        for name in _OFFERED[provider.kind]:
            yield _service(network, provider, name, provider.code)
    for home in network.homes:
        practice = network.practices[home.aligned_practice]
        yield _service(network, practice, "Enhanced health in care homes", home.party.code, home)


def _service(network: Network, provider: Party, name: str, discriminator: str, home: CareHome | None = None) -> Json:
    service: Json = {
        "resourceType": "HealthcareService",
        "id": synthetic_id(network.seed, "HealthcareService", discriminator, name),
        "meta": profiled("HealthcareService"),
        "active": True,
        "providedBy": reference(provider.reference, provider.name),
        "type": [{"text": name}],
        "name": f"{name}, {home.party.name if home else provider.name}",
    }
    if home:
        service["location"] = [reference(home.location, home.party.name)]
    return service
