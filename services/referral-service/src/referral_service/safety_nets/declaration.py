"""What safety nets add to the declaration of the service."""

from __future__ import annotations

from referral_service.safety_nets.close_operation import close_safety_net
from referral_service.safety_nets.diagnosis_operation import record_diagnosis
from referral_service.safety_nets.due_timer import net_fell_due
from referral_service.safety_nets.keep_net import DUE
from referral_service.safety_nets.net_events import EMITS
from referral_service.safety_nets.net_operation import safety_net
from referral_service.safety_nets.nets_operation import safety_nets
from referral_service.safety_nets.opening_rule import net_can_be_kept
from referral_service.safety_nets.record_reactions import appointment_changed, chase_task_changed, report_changed
from referral_service.safety_nets.request_reaction import keep_net_of_request
from referral_service.safety_nets.significant_events_operation import significant_events
from referral_service.safety_nets.step_operation import record_safety_net_step, report_symptoms
from tandem.service import Listener, Operation, Timer
from tandem.service_part import Part

PART = Part(
    rules={"ServiceRequest": (net_can_be_kept,)},
    reactions={"ServiceRequest": (keep_net_of_request,), "DiagnosticReport": (report_changed,)},
    listeners=(
        Listener("nets-of-appointments", ("fhir.Appointment.*",), appointment_changed),
        Listener("nets-of-chase-tasks", ("fhir.Task.*",), chase_task_changed),
    ),
    timers=(Timer(DUE, net_fell_due),),
    operations=(
        Operation(
            "safety-net", safety_net, level="instance", type="ServiceRequest",
            documentation="The safety net of a request: steps, what is outstanding, clocks, owner, history.",
        ),
        Operation(
            "safety-nets", safety_nets, type="ServiceRequest",
            documentation="Safety nets by state, practice or network: who has fallen through, and what differs.",
        ),
        Operation(
            "record-safety-net-step", record_safety_net_step, level="instance", type="ServiceRequest", letter="u",
            writes=True, documentation="A clinician records a step: attended, acted on, communicated, decided, ...",
        ),
        Operation(
            "report-symptoms", report_symptoms, level="instance", type="ServiceRequest", letter="u", writes=True,
            documentation="What the person reports opens the review of a safety net.",
        ),
        Operation(
            "close-safety-net", close_safety_net, level="instance", type="ServiceRequest", letter="u", writes=True,
            documentation="Closes a safety net with an outcome or a documented reason.",
        ),
        Operation(
            "record-diagnosis", record_diagnosis, type="ServiceRequest", letter="c", writes=True,
            documentation="A diagnosis of cancer of somebody whose request has no safety net.",
        ),
        Operation(
            "significant-events", significant_events, type="ServiceRequest",
            documentation="Diagnoses presented often, late or by emergency, per practice or network.",
        ),
    ),
    emits=EMITS,
)  # fmt: skip
