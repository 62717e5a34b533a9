"""Clinical leads of a network: a PractitionerRole with the role, the service and the period of the task (PCN-054).

http://hl7.org/fhir/R4/practitionerrole.html: `code` holds the role (`clinical-director` or `service-lead`) and, for a
lead, one service or more; `organization` is the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cohort_service.domain.networks.affiliation import codes_of
from cohort_service.domain.networks.codes import (
    CLINICAL_DIRECTOR,
    LEAD_SYSTEM,
    SERVICE_LEAD,
    SERVICE_SYSTEM,
    SERVICES,
)
from cohort_service.domain.networks.days import Days, days_in_force, days_of
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code
from tandem.service import Change


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads what. `service` is "" for a Clinical Director, who leads all; `network` a code or `Organization/id`;
    `practitioner` is `Practitioner/id` or `system|value`."""

    role: str
    service: str
    network: str
    practitioner: str
    days: Days


def leads_in(practitioner_role: Resource | None, today: int) -> list[Lead]:
    """What a PractitionerRole says of leading; [] when it says nothing. An inactive one ended today at the latest."""
    roles = _roles(practitioner_role)
    if practitioner_role is None or not roles:
        return []
    network = reference_code(practitioner_role.get("organization"))
    practitioner = practitioner_named(practitioner_role.get("practitioner"))
    if network is None or practitioner is None:
        return []
    days = days_in_force(practitioner_role, today)
    services = codes_of(practitioner_role, SERVICE_SYSTEM)
    found = []
    for role in roles:
        led = [""] if role == CLINICAL_DIRECTOR else services
        found += [Lead(role, service, network, practitioner, days) for service in led]
    return found


def practitioner_named(reference: dict[str, Any] | None) -> str | None:
    """`Practitioner/id` of a Reference, or `system|value` of its identifier."""
    reference = reference or {}
    literal = str(reference.get("reference") or "").partition("/_history/")[0]
    place = literal.rfind("Practitioner/")
    if place >= 0:
        return literal[place:]
    identifier = reference.get("identifier") or {}
    if identifier.get("system") and identifier.get("value"):
        return f"{identifier['system']}|{identifier['value']}"
    return None


def lead_is_complete(change: Change) -> Iterator[Issue]:
    """Someone leads for a network from a day on; a service lead leads a service that there is."""
    after, roles = change.after, _roles(change.after)
    if after is None or not roles:
        return
    if reference_code(after.get("organization")) is None:
        yield Issue("A lead names the network", "PractitionerRole.organization", "required")
    if practitioner_named(after.get("practitioner")) is None:
        yield Issue("A lead names the Practitioner", "PractitionerRole.practitioner", "required")
    if not (after.get("period") or {}).get("start"):
        yield Issue("A lead has a day from which they lead", "PractitionerRole.period.start", "required")
    days = days_of(after.get("period"))
    if days.last < days.first:
        yield Issue("The period ends before it starts", "PractitionerRole.period", "value")
    services = codes_of(after, SERVICE_SYSTEM)
    if SERVICE_LEAD in roles and (not services or any(service not in SERVICES for service in services)):
        allowed = ", ".join(SERVICES)
        text = f"A service lead names a service: {allowed} of {SERVICE_SYSTEM}"
        yield Issue(text, "PractitionerRole.code", "required")


def _roles(practitioner_role: Resource | None) -> list[str]:
    held = codes_of(practitioner_role, LEAD_SYSTEM)
    return [role for role in (CLINICAL_DIRECTOR, SERVICE_LEAD) if role in held]
