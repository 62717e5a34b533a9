"""Whether a contact counts towards a requirement (PCN-069)."""

from __future__ import annotations

from cohort_service.domain.requirements.requirement import Requirement
from tandem.fhir.body import Resource

_VIRTUAL = "VR"
"""http://terminology.hl7.org/CodeSystem/v3-ActCode: a contact by video or telephone."""
_TOOK_PLACE = frozenset(("in-progress", "onleave", "finished"))


def counts(encounter: Resource, requirement: Requirement) -> tuple[bool, str]:
    """Whether an Encounter counts, and why; one at a distance counts only where digital delivery is allowed."""
    if encounter.get("status") not in _TOOK_PLACE:
        return False, "The contact has not taken place"
    if (encounter.get("class") or {}).get("code") != _VIRTUAL:
        return True, "The contact was in person"
    if requirement.digital:
        return True, "The requirement allows digital delivery"
    return False, "The requirement does not allow digital delivery"
