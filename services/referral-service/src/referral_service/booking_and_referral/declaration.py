"""What the edge to the booking and referral standard adds to the declaration of the service."""

from __future__ import annotations

from referral_service.booking_and_referral.address_listener import keep_addresses
from referral_service.booking_and_referral.process_message_operation import ANSWERED, process_message
from referral_service.booking_and_referral.referral_message_operation import referral_message
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("keep-message-addresses", ("fhir.HealthcareService.*",), keep_addresses),),
    operations=(
        Operation(
            "process-message", process_message, level="system", scope="ServiceRequest", letter="c", writes=True,
            documentation="Takes a booking-and-referral message: a referral requested, updated, cancelled or answered.",
        ),
        Operation(
            "referral-message", referral_message, level="instance", type="ServiceRequest",
            documentation="The booking-and-referral message by which a referral leaves, with its headers.",
        ),
    ),
    emits={ANSWERED: "The performer of a referral answered by message; its Task is to say so."},
)  # fmt: skip
