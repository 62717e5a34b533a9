"""Sharing agreements: who has signed that records of the network may be shared with a provider."""

from __future__ import annotations

from collections.abc import Iterator

from tandem import canonical
from tandem.synth.datatypes import Json, concept, days_before, moment, reference
from tandem.synth.network import Network, Party, synthetic_id

_SIGNED_DAYS_BEFORE = 120
_IN_FORCE_DAYS_BEFORE = 91


def agreements(network: Network) -> Iterator[Json]:
    """An OrganizationAffiliation for each provider and care home that signed, with one signature a party.

    The parties are the network, each of its practices and the provider. One voluntary organisation has none.
    """
    for provider in (*network.providers, *(home.party for home in network.homes)):
        if provider is not network.without_agreement:
            yield _agreement(network, provider)


def _agreement(network: Network, provider: Party) -> Json:
    parties = (network.pcn, *network.practices, provider)
    return {
        "resourceType": "OrganizationAffiliation",
        "id": synthetic_id(network.seed, "sharing-agreement", provider.code),
        "extension": [_signature(network, party, place) for place, party in enumerate(parties)],
        "active": True,
        "period": {"start": days_before(network.as_of, _IN_FORCE_DAYS_BEFORE).isoformat()},
        "organization": reference(network.pcn.reference, network.pcn.name),
        "participatingOrganization": reference(provider.reference, provider.name),
        "code": [concept(canonical.AFFILIATION_ROLE, "sharing-agreement", "Sharing agreement")],
    }


def _signature(network: Network, party: Party, place: int) -> Json:
    signed = days_before(network.as_of, _SIGNED_DAYS_BEFORE - place % 20)
    return {
        "url": canonical.AGREEMENT_SIGNATURE,
        "extension": [
            {"url": "party", "valueReference": reference(party.reference, party.name)},
            {"url": "signed", "valueDateTime": moment(signed, 9 + place % 8, 0)},
        ],
    }
