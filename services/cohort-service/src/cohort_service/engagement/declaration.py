"""What engagement adds to the declaration of the service."""

from __future__ import annotations

from cohort_service.engagement.contact_rows import follow_contact
from cohort_service.engagement.engagement_operations import engagement, record_participation
from cohort_service.engagement.process_operations import publish_screening_process, screening_process
from cohort_service.engagement.sequence_operation import invitation_sequence
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("follow-contact", ("fhir.Communication.*",), follow_contact),),
    operations=(
        Operation(
            "engagement", engagement, level="instance", type="Group",
            documentation="Who of a list was contacted about it, by which channel and when, and who came.",
        ),
        Operation(
            "record-participation", record_participation, level="instance", type="Group", letter="u", writes=True,
            documentation="Records that a person of the list attended, declined or did not attend.",
        ),
        Operation(
            "publish-screening-process", publish_screening_process, type="Group", letter="u", writes=True,
            documentation="Publishes a version of the steps by which a network invites people to screening.",
        ),
        Operation(
            "screening-process", screening_process, type="Group",
            documentation="The versions of the screening process of the caller's network.",
        ),
        Operation(
            "invitation-sequence", invitation_sequence, type="Group",
            documentation="Where the people of a list stand in the process of their network, with the exceptions.",
        ),
    ),
)  # fmt: skip
