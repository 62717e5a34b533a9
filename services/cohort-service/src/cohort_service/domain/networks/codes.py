"""The codes with which organisations and people who lead are put in relation to a network."""

from __future__ import annotations

from typing import Final

from tandem.canonical import BASE, CARE_HOME_ALIGNMENT

CARE_HOME_IN_AREA: Final = "care-home-in-area"
"""`organization` is the commissioner that keeps the list, `participatingOrganization` the care home."""
SUB_CONTRACT: Final = "sub-contract"
"""`organization` stays accountable, `participatingOrganization` delivers; a second coding names the service."""
PLACE: Final = "place"
"""`organization` is the place, `participatingOrganization` the network."""
CANCER_ALLIANCE: Final = "cancer-alliance"
"""`organization` is the Cancer Alliance, `participatingOrganization` the network."""
ROLES: Final = (CARE_HOME_ALIGNMENT, CARE_HOME_IN_AREA, SUB_CONTRACT, PLACE, CANCER_ALLIANCE)
"""OrganizationAffiliation.code, beside `member` and `sharing-agreement`, which tandem.identity reads."""

SERVICE_SYSTEM: Final = f"{BASE}/CodeSystem/network-service"
SERVICES: Final = ("EHCH", "SMR", "AC", "PC", "ECD", "PCPC")
"""The services as docs/requirements.yaml names them: care homes, medication reviews, anticipatory care, personalised
care, early cancer diagnosis, proactive care in primary care."""

LEAD_SYSTEM: Final = f"{BASE}/CodeSystem/network-lead"
CLINICAL_DIRECTOR: Final = "clinical-director"
SERVICE_LEAD: Final = "service-lead"

AGREED_RESPONSIBILITIES: Final = f"{BASE}/StructureDefinition/agreed-responsibilities"
"""Extension on a care home's alignment: `agreed` (date) and one `responsibility` (string) or more."""
