"""cohort-service: who needs proactive care, and why?

It owns the people, the organisations and what is recorded of a person's health, and keeps the lists of those who need
care. Each area of that is a part with a declaration of its own; here they are put together.
"""

from __future__ import annotations

from cohort_service.agreements import declaration as agreements
from cohort_service.asked_reviews import declaration as asked_reviews
from cohort_service.capacity import declaration as capacity
from cohort_service.case_register import declaration as case_register
from cohort_service.catalogue import declaration as catalogue
from cohort_service.domain.patient_identity import nhs_numbers_are_valid, ods_system_is_spelt_with_z
from cohort_service.engagement import declaration as engagement
from cohort_service.erased_rows import ERASED
from cohort_service.erasure import declaration as erasure
from cohort_service.extracts import declaration as extracts
from cohort_service.facts import declaration as facts
from cohort_service.frailty import declaration as frailty
from cohort_service.invitations import declaration as invitations
from cohort_service.lists import declaration as lists
from cohort_service.networks import declaration as networks
from cohort_service.requested_observations import declaration as requested_observations
from cohort_service.requested_procedures import declaration as requested_procedures
from cohort_service.requirements_catalogue import declaration as requirements_catalogue
from cohort_service.runs import declaration as runs
from cohort_service.service_entries import declaration as service_entries
from cohort_service.support_offers import declaration as support_offers
from cohort_service.tables import metadata
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service_part import Part, service_of_parts

_IDENTITY = Part(
    rules={
        "Patient": (nhs_numbers_are_valid, ods_system_is_spelt_with_z),
        "Organization": (ods_system_is_spelt_with_z,),
        "OrganizationAffiliation": (ods_system_is_spelt_with_z,),
    }
)

PARTS: tuple[Part, ...] = (
    _IDENTITY, catalogue.PART, facts.PART, lists.PART, networks.PART, runs.PART, agreements.PART,
    requirements_catalogue.PART, frailty.PART, engagement.PART, service_entries.PART, invitations.PART,
    case_register.PART, extracts.PART, capacity.PART, requested_observations.PART,
    requested_procedures.PART, support_offers.PART, asked_reviews.PART, erasure.PART,
)  # fmt: skip


service = service_of_parts(
    "cohort-service",
    OWNED_TYPES["cohort-service"],
    metadata,
    "cohort_service:migrations",
    PARTS,
    erases=ERASED,
)
