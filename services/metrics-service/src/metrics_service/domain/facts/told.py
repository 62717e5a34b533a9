"""What an event says, by the readers of its kind."""

from __future__ import annotations

from itertools import chain

from metrics_service.domain.facts.fact import Told
from metrics_service.domain.facts.readers import EVENT_READERS, READERS
from tandem.events.event import Event

TOLD_KINDS = (*(f"fhir.{name}.*" for name in sorted(READERS)), *sorted(EVENT_READERS))


def told_by(event: Event) -> Told | None:
    """None for what says nothing, and for what an organisation without access to the person wrote.

    A stranger's Task is received and must not move a practice's figures until somebody with access takes it up.
    Whoever deletes, it is gone.
    """
    if event.type is None:
        reader = EVENT_READERS.get(event.kind)
        return reader(event) if reader is not None else None
    if event.type not in READERS or event.resource_id is None or event.version is None:
        return None
    source = f"{event.type}/{event.resource_id}"
    if event.data is None:
        return Told(source, event.version, event.time, event.patient, deleted=True)
    if not event.granted:
        return None
    if event.data.get("status") == "entered-in-error":
        return Told(source, event.version, event.time, event.patient)
    data = event.data
    facts = tuple(chain.from_iterable(reader(data, event) for reader in READERS[event.type]))
    return Told(source, event.version, event.time, event.patient, facts)
