"""What medicines add to the declaration of the service."""

from __future__ import annotations

from careplan_service.medicines.current_operation import current
from careplan_service.medicines.medicine_reactions import CHANGED, tell_medicine
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    reactions={"MedicationStatement": (tell_medicine,)},
    operations=(
        Operation(
            "current", current, level="type", type="MedicationStatement", for_people=True,
            documentation="What a person takes now: the newest statement of each medicine, when it is active.",
        ),
    ),
    emits={CHANGED: "A statement about a medicine of a person was made, changed or deleted."},
)
