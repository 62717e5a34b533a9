"""What urgent community response adds to the declaration of the service."""

from __future__ import annotations

from referral_service.urgent_response.assess_operation import ASSESSED, assess_urgent_response
from referral_service.urgent_response.assessments_operation import urgent_response_assessments
from referral_service.urgent_response.board_operation import urgent_board
from referral_service.urgent_response.breach_reason_operation import EXPLAINED, record_breach_reason
from referral_service.urgent_response.record_response_operation import record_response
from referral_service.urgent_response.request_reaction import keep_urgent_clock, receipt_is_sound
from referral_service.urgent_response.task_listener import note_urgent_response
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (receipt_is_sound,)},
    reactions={"ServiceRequest": (keep_urgent_clock,)},
    listeners=(Listener("note-urgent-response", ("fhir.Task.*",), note_urgent_response),),
    operations=(
        Operation(
            "assess-urgent-response", assess_urgent_response, type="ServiceRequest", letter="c", writes=True,
            documentation="Whether a person is eligible for urgent community response; whoever is, is referred.",
        ),
        Operation(
            "urgent-response-assessments", urgent_response_assessments, type="ServiceRequest",
            documentation="The assessments of a person, or of all whom the caller may see, and what they opened.",
        ),
        Operation(
            "record-response", record_response, level="instance", type="ServiceRequest", letter="u", writes=True,
            documentation="When and how the performer responded to an urgent referral, or why nobody had to.",
        ),
        Operation(
            "record-breach-reason", record_breach_reason, level="instance", type="ServiceRequest", letter="u",
            writes=True, documentation="Why the response to an urgent referral was late.",
        ),
        Operation(
            "urgent-board", urgent_board, type="ServiceRequest",
            documentation="Urgent referrals by the time that remains, and those that were responded to lately.",
        ),
    ),
    emits={
        ASSESSED: "A person was assessed for urgent community response; `request` is the referral it opened.",
        EXPLAINED: "It was said why the response to an urgent referral was late.",
    },
)  # fmt: skip
