"""What invitations add to the declaration of the service."""

from __future__ import annotations

from cohort_service.invitations.follow_letters import follow_letter
from cohort_service.invitations.invite import REQUESTED, invite
from cohort_service.invitations.offers import offers, offers_of_organisation
from cohort_service.invitations.responses import mark_invited, record_response
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("follow-letter", ("fhir.Communication.*",), follow_letter),),
    operations=(
        Operation(
            "invite", invite, level="instance", type="Group", letter="u", writes=True,
            documentation="Asks for letters of invitation: for one person, or the next of the list in order of offer.",
        ),
        Operation(
            "mark-invited", mark_invited, level="instance", type="Group", letter="u", writes=True,
            documentation="Confirms that a person was invited in writing; refused while no letter was sent.",
        ),
        Operation(
            "record-response", record_response, level="instance", type="Group", letter="u", writes=True,
            documentation="Records what a person answered: accepted, declined, no-response or done.",
        ),
        Operation(
            "offers", offers, level="instance", type="Group",
            documentation="How many of a list were offered it and what they answered, and who was not offered it yet.",
        ),
        Operation(
            "offers", offers_of_organisation, level="instance", type="Organization",
            documentation="The same counts for a service of a network or practice, without any person.",
        ),
    ),
    emits={REQUESTED: "A written invitation to a person is asked for, under the id its Communication is to have."},
)  # fmt: skip
