"""What erasure adds to the service."""

from __future__ import annotations

from cohort_service.erasure.answer_listener import on_answer, refuse_erased
from cohort_service.erasure.erase_operation import erase_patient
from cohort_service.erasure.list_operations import erasures, legal_hold, retention_ended_for
from tandem.retention.erasure_feed import ANSWERED, ORDERED
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    reactions={"Patient": (refuse_erased,)},
    listeners=(
        Listener("erasure-answers", (ANSWERED,), on_answer, asks="A service has erased a person, and says what went."),
    ),
    operations=(
        Operation(
            "erase", erase_patient, level="instance", type="Patient", letter="d", writes=True,
            documentation="Erases a person in all services, or counts what that would remove. For operators.",
        ),
        Operation(
            "legal-hold", legal_hold, level="instance", type="Patient", letter="u", writes=True,
            documentation="Places or releases a legal hold, under which nobody is erased. For operators.",
        ),
        Operation(
            "erasures", erasures, type="Patient",
            documentation="Which erasures were ordered, and which services have carried them out. For operators.",
        ),
        Operation(
            "retention-ended", retention_ended_for, type="Patient",
            documentation="Whose records are no longer kept by the policy of retention. For operators.",
        ),
    ),
    emits={ORDERED: "A person was erased: every service removes what it holds of whoever has this digest."},
)  # fmt: skip
