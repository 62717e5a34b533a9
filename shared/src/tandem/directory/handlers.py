"""Keeping the directory in step with the owner's events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tandem.directory.entries import (
    Row,
    healthcare_service_entry,
    location_entry,
    organisation_entry,
    practitioner_entry,
    role_entry,
)
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.service import Work


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where a type is kept. `by_reference`: the table holds several types, so its id is `Type/id`."""

    table: str
    entry: Callable[[Resource], Row]
    by_reference: bool = False


_KEPT: Final = {
    "Organization": _Kept("directory_organisation", organisation_entry),
    "Practitioner": _Kept("directory_practitioner", practitioner_entry),
    "PractitionerRole": _Kept("directory_role", role_entry),
    "Location": _Kept("directory_place", location_entry, by_reference=True),
    "HealthcareService": _Kept("directory_place", healthcare_service_entry, by_reference=True),
}
KINDS: Final = tuple(f"fhir.{name}.*" for name in _KEPT)


async def keep_entry(event: Event, work: Work) -> None:
    """The row says what the newest version says; a deleted resource has none.

    Nothing of one resource goes into the row of another, so the order between resources does not matter.
    """
    if not event.granted:
        return
    assert event.type is not None and event.resource_id is not None, "only resource events are bound here"
    kept = _KEPT[event.type]
    key = f"{event.type}/{event.resource_id}" if kept.by_reference else event.resource_id
    if event.data is None:
        await work.connection.execute(f"DELETE FROM {kept.table} WHERE id = $1", key)
        return
    row = {"id": key, **kept.entry({**event.data, "id": event.resource_id})}
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    changes = ", ".join(f"{column} = excluded.{column}" for column in row if column != "id")
    await work.connection.execute(
        f"INSERT INTO {kept.table} ({', '.join(row)}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {changes}",
        *row.values(),
    )
