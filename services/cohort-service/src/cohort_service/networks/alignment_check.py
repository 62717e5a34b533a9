"""Whether a care home may be aligned: to a network, to one at a time, with a team of that network (EHCH-004)."""

from __future__ import annotations

from cohort_service.domain.networks.alignment import overlap
from cohort_service.domain.networks.days import Days
from cohort_service.networks.organisations import CARE_HOME, code_named, is_network, kind_of_code
from tandem.canonical import CARE_HOME_ALIGNMENT
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import reference_code
from tandem.service import Work


async def check_alignment(
    work: Work, identity: str, network: str | None, home: str | None, days: Days, team: str | None
) -> None:
    """`network` and `home` are codes, None while not known; `team` is `HealthcareService/id`.

    The caller holds the home. Raises FhirError 422 for what is no such alignment, 409 for a home that has a network.
    """
    if home is None or await kind_of_code(work.connection, home) != CARE_HOME:
        raise FhirError(Kind.BUSINESS_RULE, "An alignment names an Organization held here of the type care-home",
                        expression="OrganizationAffiliation.participatingOrganization")  # fmt: skip
    if network is None or not await is_network(work.connection, network):
        raise FhirError(Kind.BUSINESS_RULE, "A care home is aligned to an Organization held here of the type network",
                        expression="OrganizationAffiliation.organization")  # fmt: skip
    if team is not None:
        await _check_team(work, network, team)
    others = await work.connection.fetch(
        "SELECT first_day, last_day FROM network_affiliation WHERE role = $1 AND member = $2 AND id <> $3",
        CARE_HOME_ALIGNMENT, home, identity,
    )  # fmt: skip
    if any(overlap(days, Days(row["first_day"], row["last_day"])) for row in others):
        raise FhirError(
            Kind.CONFLICT, "This care home is aligned to a network in that period; end that alignment first",
            expression="OrganizationAffiliation.period",
        )  # fmt: skip


async def _check_team(work: Work, network: str, team: str) -> None:
    held = await work.read("HealthcareService", team.partition("/")[2])
    provider = await code_named(work.connection, reference_code((held or {}).get("providedBy")))
    if provider != network:
        raise FhirError(
            Kind.BUSINESS_RULE, "The team of an alignment is a HealthcareService that the network provides",
            expression="OrganizationAffiliation.healthcareService",
        )  # fmt: skip
