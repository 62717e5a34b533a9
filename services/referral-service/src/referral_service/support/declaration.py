"""What support that is asked for adds to the declaration of the service; stands behind the loop."""

from __future__ import annotations

from referral_service.support.coordination_reaction import coordinated_by_agreement
from referral_service.support.delivery_listener import follow_delivery
from referral_service.support.regular_support import DELIVERY_DUE, delivery_fell_due
from referral_service.support.support_operation import support
from referral_service.support.support_reaction import keep_support
from referral_service.support.support_rules import regular_support_says_when
from tandem.service import Listener, Operation, Timer
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (regular_support_says_when,)},
    reactions={"ServiceRequest": (coordinated_by_agreement, keep_support)},
    listeners=(Listener("follow-delivery", ("fhir.Task.*",), follow_delivery),),
    timers=(Timer(DELIVERY_DUE, delivery_fell_due),),
    operations=(
        Operation(
            "support", support, type="ServiceRequest",
            documentation="The support of a person or plan in one list: accepted, declined, delivered, overdue.",
        ),
    ),
)  # fmt: skip
