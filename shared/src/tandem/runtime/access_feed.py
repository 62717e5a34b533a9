"""The access feed: every service keeps, from the owners' events, who may see whom (docs/identity.md)."""

from __future__ import annotations

from tandem.events.event import Event
from tandem.identity.projection import PROJECTED_TYPES, project
from tandem.service import Listener, Service, Work


async def on_access_event(event: Event, work: Work) -> None:
    """Take a resource that bears on access into this service's own tables."""
    assert event.type is not None and event.resource_id is not None, "only resource events are bound here"
    await project(
        work.connection, event.type, event.resource_id, event.data, author=event.author, granted=event.granted,
        practice=event.practice,
    )  # fmt: skip


def access_feed(service: Service) -> Listener:
    """The listener for what this service does not own; its own types are taken in within the write."""
    own = {declared.name for declared in service.types}
    kinds = tuple(f"fhir.{name}.*" for name in sorted(PROJECTED_TYPES - own))
    return Listener("access-feed", kinds, on_access_event)
