"""A primary care network groups practices with community, social care and voluntary providers."""

from __future__ import annotations

import httpx
import pytest

from tandem.canonical import AFFILIATION_ROLE, ODS_CODE, ORGANISATION_TYPE
from tandem.demo.client import FhirClient
from tandem_tests.neighbourhood import CHARITY
from tandem_tests.running import EmbeddedTandem

NETWORK = "U77001"
MEMBERS = {
    "practice": ("Y77001", "Y77002"), "community-provider": ("RJ771",), "social-care": ("9A771",),
    "voluntary": (f"{CHARITY}#77001", f"{CHARITY}#77002"),
}  # fmt: skip


def identifier(code: str) -> dict[str, str]:
    """The Identifier of a code: ODS, or `system#value`."""
    system, separator, value = code.partition("#")
    return {"system": system, "value": value} if separator else {"system": ODS_CODE, "value": code}


async def enter(operator: FhirClient, code: str, kind: str) -> str:
    """An operator enters an Organization: its id."""
    made = await operator.create({
        "resourceType": "Organization", "active": True, "name": f"{kind} {code[-5:]}", "identifier": [identifier(code)],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}],
    })  # fmt: skip
    return str(made["id"])


@pytest.mark.requirement("PCN-001")
async def test_a_network_is_found_with_each_of_its_members_by_role(
    embedded: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    operator = FhirClient(http, embedded.url, embedded.token("T0001", operator=True))
    network = await enter(operator, NETWORK, "network")
    entered: dict[str, set[str]] = {}
    for kind, codes in MEMBERS.items():
        for code in codes:
            organization = await enter(operator, code, kind)
            entered.setdefault(kind, set()).add(f"Organization/{organization}")
            await operator.create({
                "resourceType": "OrganizationAffiliation", "active": True,
                "organization": {"reference": f"Organization/{network}"},
                "participatingOrganization": {"reference": f"Organization/{organization}"},
                "code": [
                    {"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]},
                    {"coding": [{"system": ORGANISATION_TYPE, "code": kind}]},
                ],
            })  # fmt: skip

    member = FhirClient(http, embedded.url, embedded.token("Y77001"))
    of_network = f"OrganizationAffiliation?primary-organization=Organization/{network}"
    for kind, organizations in entered.items():
        found = await member.search(f"{of_network}&role={ORGANISATION_TYPE}|{kind}")
        assert {each["participatingOrganization"]["reference"] for each in found} == organizations, kind
    everyone = await member.search(f"{of_network}&role={AFFILIATION_ROLE}|member")
    assert len(everyone) == sum(map(len, entered.values()))
    assert await member.search(f"{of_network}&role={ORGANISATION_TYPE}|pharmacy") == []

    for reference in entered["practice"]:
        of_member = f"OrganizationAffiliation?participating-organization={reference}&role={AFFILIATION_ROLE}|member"
        [affiliation] = await member.search(of_member)
        assert affiliation["organization"]["reference"] == f"Organization/{network}"
