"""Canonical addresses of what Tandem itself defines, and of the systems everyone else defines."""

from __future__ import annotations

BASE = "https://tandem.example/fhir"
"""Our own namespace: a reserved domain, because these names are identifiers and no page answers there."""

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
SNOMED_CT = "http://snomed.info/sct"
DMD = "https://dmd.nhs.uk"

ORGANISATION_TYPE = f"{BASE}/CodeSystem/organisation-type"
"""practice, network, commissioner, community-provider, mental-health, care-home, pharmacy, voluntary, social-care,
acute-trust."""
AFFILIATION_ROLE = f"{BASE}/CodeSystem/affiliation-role"
"""OrganizationAffiliation.code: `member` (of a network), `sharing-agreement`, `mdt-agreement`,
`governance-agreement`."""
AGREEMENT_SIGNATURE = f"{BASE}/StructureDefinition/agreement-signature"
"""Extension on OrganizationAffiliation, one a party: sub-extensions `party` (Reference), `signed` (dateTime) and `user`
(Reference, who signed for it)."""
AGREEMENT_TERMS = f"{BASE}/StructureDefinition/agreement-terms"
"""Extension on OrganizationAffiliation: sub-extensions `purpose` (code, of v3-PurposeOfUse) and `data` (code, a FHIR
type), each repeated. What it does not limit is open."""
TIMELINE_ENTRY = f"{BASE}/StructureDefinition/timeline-entry"
"""Extension on Bundle.entry: sub-extensions `record` (Reference), `date` (dateTime), `what` (string) and `author`
(Reference to the organisation that recorded it)."""
CAUSED_BY_SERVICE = f"{BASE}/StructureDefinition/caused-by-service"
"""Extension on a CarePlan or one of its activities, valueCode: the service of the specifications (EHCH, AC, PC, ...)
that is the reason for it."""
