"""cohort-service: who needs proactive care, and why?

It owns the people, the organisations and what is recorded of a person's health, and keeps the lists of those who need
care. It listens to nobody: everything it judges by, it owns.
"""

from __future__ import annotations

from cohort_service.domain.patient_identity import nhs_numbers_are_valid, ods_system_is_spelt_with_z
from cohort_service.group_operations import explain, members
from cohort_service.members import ENTERED, LEFT
from cohort_service.residency_reaction import follow_patient, give_practice_its_group, reconsider_resident
from cohort_service.tables import metadata
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service import Operation, Reaction, ResourceType, Rule, Service

_RULES: dict[str, tuple[Rule, ...]] = {
    "Patient": (nhs_numbers_are_valid, ods_system_is_spelt_with_z),
    "Organization": (ods_system_is_spelt_with_z,),
    "OrganizationAffiliation": (ods_system_is_spelt_with_z,),
}

_REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "Patient": (reconsider_resident, follow_patient),
    "Observation": (reconsider_resident,),
    "Condition": (reconsider_resident,),
    "EpisodeOfCare": (reconsider_resident,),
    "Organization": (give_practice_its_group,),
}

service = Service(
    name="cohort-service",
    types=tuple(
        ResourceType(name, rules=_RULES.get(name, ()), reactions=_REACTIONS.get(name, ()))
        for name in OWNED_TYPES["cohort-service"]
    ),
    metadata=metadata,
    migrations="cohort_service:migrations",
    operations=(
        Operation(
            "members", members, level="instance", type="Group",
            documentation="The Group with its members, as far as the caller may see them, a page at a time.",
        ),
        Operation(
            "explain", explain, level="instance", type="Group",
            documentation="Whether, since when and by which records a person is in the group.",
        ),
    ),
    emits={
        ENTERED: "A person entered a cohort, or a later-known record moved the beginning of the stay.",
        LEFT: "A person left a cohort, or the evidence for the stay was taken back.",
    },
)  # fmt: skip
