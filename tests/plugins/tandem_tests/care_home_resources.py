"""Care homes, what they belong to, a stay in one, and an admission of a resident, as resources to be entered."""

from __future__ import annotations

from tandem.canonical import AFFILIATION_ROLE, CARE_HOME_BEDS, ODS_CODE, ORGANISATION_TYPE
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import LIVES_IN_CARE_HOME

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PRIORITY = "http://terminology.hl7.org/CodeSystem/v3-ActPriority"


def organisation(name: str, kind: str, code: str, beds: int | None = None) -> Resource:
    """An Organization of a kind with its ODS code, and with its beds where it is a home."""
    more = {} if beds is None else {"extension": [{"url": CARE_HOME_BEDS, "valuePositiveInt": beds}]}
    return {
        "resourceType": "Organization", "active": True, "name": name,
        "identifier": [{"system": ODS_CODE, "value": code}],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}], **more,
    }  # fmt: skip


def affiliated(holder: str, member: str, role: str = "care-home-alignment") -> Resource:
    """The one belongs to the other; both by their ids."""
    return {
        "resourceType": "OrganizationAffiliation", "active": True,
        "organization": {"reference": f"Organization/{holder}"},
        "participatingOrganization": {"reference": f"Organization/{member}"},
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": role}]}],
    }  # fmt: skip


def stay(patient: str, home: str, since: str = "2020-04-01") -> Resource:
    """The person lives there."""
    return {
        "resourceType": "EpisodeOfCare", "status": "active", "type": [{"coding": [LIVES_IN_CARE_HOME]}],
        "patient": {"reference": f"Patient/{patient}"},
        "managingOrganization": {"reference": f"Organization/{home}"}, "period": {"start": since},
    }  # fmt: skip


def admission(patient: str, day: str) -> Resource:
    """To a hospital, unplanned, for some hours of the day."""
    return {
        "resourceType": "Encounter", "status": "finished", "class": {"system": _ACT_CODE, "code": "IMP"},
        "priority": {"coding": [{"system": _PRIORITY, "code": "EM"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": f"{day}T10:00:00+01:00", "end": f"{day}T18:00:00+01:00"},
    }  # fmt: skip
