"""Which reader reads what: by type of resource, and by kind of domain event."""

from __future__ import annotations

from metrics_service.domain.facts.fact import EventReader, Reader
from metrics_service.domain.facts.list_sizes import told_list_size
from metrics_service.domain.facts.list_stays import told_list_stay

READERS: dict[str, tuple[Reader, ...]] = {}
EVENT_READERS: dict[str, EventReader] = {
    "tandem.cohort.entered": told_list_stay,
    "tandem.cohort.left": told_list_stay,
    "tandem.list-size.recorded": told_list_size,
}
