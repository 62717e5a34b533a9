"""What plans and budgets add to the declaration of the service."""

from __future__ import annotations

from cohort_service.service_entries.entry_rows import follow_plan
from tandem.service import Listener
from tandem.service_part import Part

PART = Part(listeners=(Listener("follow-plan", ("fhir.CarePlan.*",), follow_plan),))
