"""What an OrganizationAffiliation says of a network: http://hl7.org/fhir/R4/organizationaffiliation.html."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cohort_service.domain.networks.codes import AGREED_RESPONSIBILITIES, ROLES, SERVICE_SYSTEM, SERVICES, SUB_CONTRACT
from cohort_service.domain.networks.days import ALWAYS, Days, days_in_force, days_of
from tandem.canonical import AFFILIATION_ROLE, CARE_HOME_ALIGNMENT
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code
from tandem.london_days import day_of
from tandem.service import Change


@dataclass(frozen=True, slots=True)
class Affiliation:
    """One role of an affiliation. `holder` and `member` are codes, or `Organization/id` that is still to be resolved.

    `service` is "" but for a sub-contract; `team` is the HealthcareService of the network's team for a care home;
    `agreed` is the day on which the responsibilities were agreed.
    """

    role: str
    service: str
    holder: str
    member: str
    days: Days
    team: str | None = None
    agreed: int | None = None
    responsibilities: tuple[str, ...] = ()


def codes_of(affiliation: Resource | None, system: str) -> list[str]:
    """The codes of this system that an affiliation or a PractitionerRole has, each once."""
    codings = [each for concept in (affiliation or {}).get("code") or () for each in concept.get("coding") or ()]
    return list(dict.fromkeys(str(each.get("code")) for each in codings if each.get("system") == system))


def affiliations_of(affiliation: Resource | None, today: int) -> list[Affiliation]:
    """What it says, a row for each role and service; [] when it has no role of ours.

    What is not active ended today, if its period did not end sooner. A care home's alignment that names no beginning
    begins today: it must not reach back over what was before.
    """
    roles = [role for role in codes_of(affiliation, AFFILIATION_ROLE) if role in ROLES]
    if affiliation is None or not roles:
        return []
    holder = reference_code(affiliation.get("organization"))
    member = reference_code(affiliation.get("participatingOrganization"))
    if holder is None or member is None:
        return []
    days = days_in_force(affiliation, today)
    found = []
    for role in roles:
        aligned = role == CARE_HOME_ALIGNMENT
        begins = Days(today, days.last) if aligned and days.first == ALWAYS else days
        services = codes_of(affiliation, SERVICE_SYSTEM) if role == SUB_CONTRACT else [""]
        agreed, responsibilities = agreement_of(affiliation) if aligned else (None, ())
        team = team_of(affiliation) if aligned else None
        found += [
            Affiliation(role, service, holder, member, begins, team, agreed, responsibilities) for service in services
        ]
    return found


def team_of(affiliation: Resource) -> str | None:
    """`HealthcareService/id` of the team that the affiliation names, or None."""
    for reference in affiliation.get("healthcareService") or ():
        literal = str(reference.get("reference") or "").partition("/_history/")[0]
        if literal.startswith("HealthcareService/"):
            return literal
    return None


def agreement_of(affiliation: Resource) -> tuple[int | None, tuple[str, ...]]:
    """The day on which the responsibilities for a care home were agreed, and what they are (EHCH-003)."""
    for extension in affiliation.get("extension") or ():
        if extension.get("url") != AGREED_RESPONSIBILITIES:
            continue
        parts: list[dict[str, Any]] = extension.get("extension") or []
        dates = [part.get("valueDate") for part in parts if part.get("url") == "agreed"]
        named = tuple(str(part["valueString"]) for part in parts if part.get("url") == "responsibility"
                      and part.get("valueString"))  # fmt: skip
        if dates and dates[0] and named:
            return days_of({"start": dates[0]}).first, named
    return None, ()


def affiliation_is_complete(change: Change) -> Iterator[Issue]:
    """An affiliation with a role of ours names two organisations, a possible period and, as sub-contract, a service."""
    after = change.after
    roles = [role for role in codes_of(after, AFFILIATION_ROLE) if role in ROLES]
    if after is None or not roles:
        return
    sides = [reference_code(after.get(name)) for name in ("organization", "participatingOrganization")]
    for name, side in zip(("organization", "participatingOrganization"), sides, strict=True):
        if side is None:
            yield Issue(f"A {roles[0]} names an Organization here", f"OrganizationAffiliation.{name}", "required")
    if sides[0] is not None and sides[0] == sides[1]:
        where = "OrganizationAffiliation.participatingOrganization"
        yield Issue("An organisation is not affiliated with itself", where)
    days = days_of(after.get("period"))
    if days.last < days.first:
        yield Issue("The period ends before it starts", "OrganizationAffiliation.period", "value")
    services = codes_of(after, SERVICE_SYSTEM)
    if SUB_CONTRACT in roles and (not services or any(service not in SERVICES for service in services)):
        allowed = ", ".join(SERVICES)
        yield Issue(f"A sub-contract names its service: one of {allowed} of {SERVICE_SYSTEM}",
                    "OrganizationAffiliation.code", "required")  # fmt: skip


def today_of(change: Change) -> int:
    """The day in London on which a change is made."""
    return day_of(change.now)
