"""cohort-service: who needs proactive care, and why?

It owns the people, the organisations and what is recorded of a person's health, and keeps the lists of those who need
care. Each area of that is a part with a declaration of its own; here they are put together.
"""

from __future__ import annotations

from itertools import chain

from cohort_service.domain.patient_identity import nhs_numbers_are_valid, ods_system_is_spelt_with_z
from cohort_service.group_operations import explain, members
from cohort_service.members import ENTERED, LEFT
from cohort_service.part import Part
from cohort_service.residency_reaction import follow_patient, give_practice_its_group, reconsider_resident
from cohort_service.tables import metadata
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service import Operation, ResourceType, Service

_IDENTITY = Part(
    rules={
        "Patient": (nhs_numbers_are_valid, ods_system_is_spelt_with_z),
        "Organization": (ods_system_is_spelt_with_z,),
        "OrganizationAffiliation": (ods_system_is_spelt_with_z,),
    }
)
_LISTS = Part(
    reactions={
        "Patient": (reconsider_resident, follow_patient),
        "Observation": (reconsider_resident,),
        "Condition": (reconsider_resident,),
        "EpisodeOfCare": (reconsider_resident,),
        "Organization": (give_practice_its_group,),
    },
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

PARTS: tuple[Part, ...] = (_IDENTITY, _LISTS)
"""Rules and reactions of one type run in the order of the parts."""


def _of_type(name: str) -> ResourceType:
    return ResourceType(
        name,
        rules=tuple(chain.from_iterable(part.rules.get(name, ()) for part in PARTS)),
        reactions=tuple(chain.from_iterable(part.reactions.get(name, ()) for part in PARTS)),
    )


service = Service(
    name="cohort-service",
    types=tuple(_of_type(name) for name in OWNED_TYPES["cohort-service"]),
    metadata=metadata,
    migrations="cohort_service:migrations",
    listeners=tuple(chain.from_iterable(part.listeners for part in PARTS)),
    timers=tuple(chain.from_iterable(part.timers for part in PARTS)),
    operations=tuple(chain.from_iterable(part.operations for part in PARTS)),
    emits={kind: meaning for part in PARTS for kind, meaning in part.emits.items()},
)
