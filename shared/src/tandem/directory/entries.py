"""What the directory keeps of a resource, as the row of its table without the id."""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource, encode
from tandem.fhir.human_name import name_in_use
from tandem.fhir.literal_reference import target_id
from tandem.identity.organisations import code_of, kind_of, reference_code
from tandem.identity.periods import period_of

Row = dict[str, Any]


def organisation_entry(organization: Resource) -> Row:
    """Of an Organization."""
    return {"code": code_of(organization), "name": organization.get("name"), "kind": kind_of(organization)}


def practitioner_entry(practitioner: Resource) -> Row:
    """Of a Practitioner: a qualification for each coding, or for the text alone."""
    found = [
        {**coding, "starts": starts, "ends": ends}
        for qualification in practitioner.get("qualification") or ()
        for starts, ends in [period_of(qualification.get("period"))]
        for coding in _codings([qualification.get("code") or {}])
    ]
    return {"name": name_in_use(practitioner) or None, "qualifications": encode(found)}


def role_entry(role: Resource) -> Row:
    """Of a PractitionerRole. One that does not say `active` is."""
    starts, ends = period_of(role.get("period"))
    return {
        "practitioner": target_id(role.get("practitioner"), "Practitioner"),
        "organisation": reference_code(role.get("organization")), "codes": encode(_codings(role.get("code"))),
        "specialties": encode(_codings(role.get("specialty"))), "active": int(role.get("active") is not False),
        "starts": starts, "ends": ends,
    }  # fmt: skip


def location_entry(location: Resource) -> Row:
    """Of a Location."""
    return {"name": location.get("name"), "organisation": reference_code(location.get("managingOrganization"))}


def healthcare_service_entry(service: Resource) -> Row:
    """Of a HealthcareService."""
    return {"name": service.get("name"), "organisation": reference_code(service.get("providedBy"))}


def _codings(concepts: list[dict[str, Any]] | None) -> list[dict[str, str | None]]:
    found: list[dict[str, str | None]] = []
    for concept in concepts or ():
        text = concept.get("text")
        codings = concept.get("coding") or ([{}] if text else [])
        found += [
            {"system": coding.get("system"), "code": coding.get("code"), "display": coding.get("display") or text}
            for coding in codings
        ]
    return found
