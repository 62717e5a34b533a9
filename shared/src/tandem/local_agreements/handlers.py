"""Keeping local agreements in step with OrganizationAffiliations."""

from __future__ import annotations

from typing import Any, Final

from tandem.canonical import AFFILIATION_ROLE
from tandem.events.event import Event
from tandem.fhir.body import Resource, encode
from tandem.identity.affiliations import signatures_of
from tandem.identity.organisations import reference_code
from tandem.identity.periods import period_of
from tandem.service import Work

MDT_AGREEMENT: Final = "mdt-agreement"
GOVERNANCE_AGREEMENT: Final = "governance-agreement"
SUPPORT_COORDINATION_AGREEMENT: Final = "support-coordination-agreement"
ROLES: Final = (MDT_AGREEMENT, GOVERNANCE_AGREEMENT, SUPPORT_COORDINATION_AGREEMENT)


async def keep_agreement(event: Event, work: Work) -> None:
    """An OrganizationAffiliation was written: the local agreement that it is now, or none."""
    await work.connection.execute("DELETE FROM local_agreement WHERE affiliation = $1", event.resource_id)
    affiliation = event.data
    role = _role(affiliation)
    if affiliation is None or role is None or affiliation.get("active") is False:
        return
    named = [reference_code(affiliation.get(each)) for each in ("organization", "participatingOrganization")]
    parties: list[list[Any]] = [[party, False] for party in named if party is not None]
    parties += [[party, signed] for party, signed in signatures_of(affiliation)]
    starts, ends = period_of(affiliation.get("period"))
    await work.connection.execute(
        "INSERT INTO local_agreement (affiliation, role, parties, starts, ends) VALUES ($1, $2, $3, $4, $5)",
        event.resource_id, role, encode(parties).decode(), starts, ends,
    )  # fmt: skip


def _role(affiliation: Resource | None) -> str | None:
    codings = [coding for concept in (affiliation or {}).get("code") or () for coding in concept.get("coding") or ()]
    codes = {coding.get("code") for coding in codings if coding.get("system") == AFFILIATION_ROLE}
    return next((role for role in ROLES if role in codes), None)
