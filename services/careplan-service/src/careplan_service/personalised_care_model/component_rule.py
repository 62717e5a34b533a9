"""A shared plan names only components that the model has."""

from __future__ import annotations

from collections.abc import Iterator

from careplan_service.domain.shared_plan import is_shared_plan
from careplan_service.personalised_care_model.components import unknown_components
from tandem.fhir.outcome import Issue
from tandem.service import Change


def components_are_known(change: Change) -> Iterator[Issue]:
    """Refuses an unknown component in the activities of a shared plan (PC-004)."""
    if change.after is not None and is_shared_plan(change.after):
        yield from unknown_components(change.after)
