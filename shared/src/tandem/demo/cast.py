"""Who plays in the shared-care journey, taken from a synthetic network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tandem.canonical import NHS_NUMBER, ODS_CODE
from tandem.demo.client import FhirClient
from tandem.synth import Provider, Summary

CHARITY_NUMBER = "https://tandem.example/fhir/Id/charity-number"


@dataclass(frozen=True, slots=True)
class Cast:
    """The organisations as clients, and the person. Each client acts with its own organisation's token."""

    practice: FhirClient
    network: FhirClient
    community: FhirClient
    voluntary: FhirClient
    pharmacy: FhirClient
    practice_code: str
    network_code: str
    community_reference: dict[str, Any]
    voluntary_reference: dict[str, Any]
    pharmacy_reference: dict[str, Any]
    practice_reference: dict[str, Any]
    patient: str
    nhs_number: str
    patient_name: str

    @property
    def by_nhs_number(self) -> dict[str, Any]:
        """A Reference that names the person by NHS number alone."""
        return {"type": "Patient", "identifier": {"system": NHS_NUMBER, "value": self.nhs_number}}


def cast_of(summary: Summary, http: httpx.AsyncClient, url: str, token: Callable[[str], str]) -> Cast:
    """The cast of a loaded network; `token` gives a bearer token for an organisation code."""
    person = summary.protagonist
    community = summary.provider("community-provider")
    voluntary = next(each for each in summary.providers if each.kind == "voluntary" and each.agreement)
    pharmacy = summary.provider("pharmacy")

    def client(code: str) -> FhirClient:
        return FhirClient(http, url, token(code))

    return Cast(
        practice=client(person.practice_code), network=client(summary.network_code),
        community=client(code_of(community)),
        voluntary=client(code_of(voluntary)), pharmacy=client(code_of(pharmacy)), practice_code=person.practice_code,
        network_code=summary.network_code, community_reference=reference_to(community),
        voluntary_reference=reference_to(voluntary), pharmacy_reference=reference_to(pharmacy),
        practice_reference={"type": "Organization", "identifier": {"system": ODS_CODE, "value": person.practice_code}},
        patient=person.patient_id, nhs_number=person.nhs_number, patient_name=person.name,
    )  # fmt: skip


def code_of(provider: Provider) -> str:
    """The organisation code in the form that `tandem token --org` takes."""
    return provider.code if provider.ods else f"{CHARITY_NUMBER}#{provider.code}"


def reference_to(provider: Provider) -> dict[str, Any]:
    """A Reference by identifier: ODS code, or charity number where there is no ODS code."""
    system = ODS_CODE if provider.ods else CHARITY_NUMBER
    return {"type": "Organization", "identifier": {"system": system, "value": provider.code}, "display": provider.name}
