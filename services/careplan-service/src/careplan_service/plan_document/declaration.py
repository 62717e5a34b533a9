"""What the documents of the plan add to the declaration of the service."""

from __future__ import annotations

from careplan_service.plan_document.document_operations import CRISIS_VIEW, SHARED_PLAN, crisis_view, shared_plan
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    operations=(
        Operation(
            SHARED_PLAN, shared_plan, level="instance", type="CarePlan", documents=True,
            for_people=True,
            documentation="The whole plan as one document: a Bundle, or a page (HTML) or PDF by `_format` or Accept.",
        ),
        Operation(
            CRISIS_VIEW, crisis_view, level="instance", type="CarePlan", documents=True,
            for_people=True,
            documentation="One page for a crisis: wishes, what to do, who to call; forms as of `$shared-plan`.",
        ),
    ),
)  # fmt: skip
