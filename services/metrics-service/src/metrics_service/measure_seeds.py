"""The Measures that the service ships with, put at every start."""

from __future__ import annotations

from metrics_service.domain.shared_care_activity import definition
from tandem.service import Work


async def put_measures(work: Work) -> None:
    """Put each definition; one that is there already makes no new version."""
    await work.put(dict(definition()))
