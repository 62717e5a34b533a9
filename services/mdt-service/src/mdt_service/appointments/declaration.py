"""What appointments add to the declaration of the service."""

from __future__ import annotations

from mdt_service.appointments.booking_reaction import keep_booking
from mdt_service.appointments.care_team_listener import keep_care_team
from mdt_service.appointments.intervention_operation import intervention_activity
from mdt_service.appointments.offer_operation import offer
from mdt_service.appointments.outcome_operation import outcome
from mdt_service.appointments.policy_operation import review_appointment_policy
from mdt_service.appointments.slot_rows import keep_schedule_actors, keep_slot
from mdt_service.domain.appointments.appointment_transitions import appointment_moves_by_the_table
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    rules={"Appointment": (appointment_moves_by_the_table,)},
    reactions={"Appointment": (keep_booking,), "Slot": (keep_slot,), "Schedule": (keep_schedule_actors,)},
    listeners=(Listener("keep-care-team", ("fhir.CareTeam.*",), keep_care_team),),
    operations=(
        Operation(
            "offer", offer, type="Appointment",
            documentation="Which free slots to offer to a person: the earliest, or those of who knows them.",
        ),
        Operation(
            "outcome", outcome, level="instance", type="Appointment", letter="u", writes=True,
            documentation="Records what came of an appointment, for everybody who took part.",
        ),
        Operation(
            "intervention-activity", intervention_activity, type="Appointment",
            documentation="How many visits and consultations an intervention had.",
        ),
        Operation(
            "review-appointment-policy", review_appointment_policy, type="Appointment", post_letter="c",
            documentation="How long medication reviews are and how they may be held; POST publishes a version.",
        ),
    ),
)  # fmt: skip
