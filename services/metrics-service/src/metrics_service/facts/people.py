"""Each version of a person, and from when to when it says where they are registered.

Where somebody was registered on a day is what their record said on that day: the practice of a thing is the practice of
the person on the day of the thing, so that who moves in mid-period is counted where they were. Whoever is known only as
gone was registered until the day on which that was written, for FHIR has no date for it.
"""

from __future__ import annotations

from typing import Final

from metrics_service.domain.facts.person import person_told
from metrics_service.domain.london_days import day_at
from metrics_service.facts.changes import PEOPLE, note_changes
from metrics_service.facts.fold import FOREVER
from metrics_service.facts.organisations_named import codes_of
from metrics_service.facts.practice_on_day import move_facts
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.service import Work

BEGINNING: Final = 0
END: Final = 4_000_000
"""Days before and after all others."""


async def keep_person(event: Event, work: Work) -> None:
    """Keep this version, and mend the spans of its neighbours. A version that is known already changes nothing."""
    assert event.resource_id is not None and event.version is not None, "only Patient events are bound here"
    connection, patient = work.connection, event.resource_id
    moment = to_micros(event.time)
    person = person_told(event.data, day_at(event.time)) if event.data is not None else None
    practice = await _practice(connection, patient) if person is not None else None
    gone = person is None or not person.registered
    added = await connection.execute(
        "INSERT INTO told_person (patient, version, practice, born, died, sex, ethnicity, deprivation, starts, ends,"
        " known_from, known_until, gone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $9, $10) ON CONFLICT"
        " DO NOTHING",
        patient, event.version, practice, person and person.born, person and person.died, person and person.sex,
        person and person.ethnicity, person and person.deprivation, moment, int(gone),
    )  # fmt: skip
    if added:
        await _mend(connection, patient)


async def _practice(connection: Connection, patient: str) -> str | None:
    """Where the access feed, which took the same event in before, says that the person is registered."""
    row = await connection.fetchrow("SELECT practice, practice_reference FROM patient WHERE id = $1", patient)
    if row is None:
        return None
    if row["practice"] is None and row["practice_reference"] is not None:
        # Remembered as unsettled, so that it gets its code when the Organization is heard of.
        await codes_of(connection, [row["practice_reference"]])
        return str(row["practice_reference"])
    code: str | None = row["practice"]
    return code


async def _mend(connection: Connection, patient: str) -> None:
    rows = await connection.fetch(
        "SELECT version, known_from, known_until, starts, ends, gone FROM told_person WHERE patient = $1"
        " ORDER BY version",
        patient,
    )
    spans, changed = [], []
    for place, row in enumerate(rows):
        later = [each["known_from"] for each in rows[place + 1 :]]
        until = max(row["known_from"], min(later)) if later else FOREVER
        starts = day_at(from_micros(row["known_from"])) if place else BEGINNING
        ends = day_at(from_micros(until)) if later else END
        if row["gone"]:
            ends = starts if place else min(ends, day_at(from_micros(row["known_from"])))
        if (until, starts, ends) != (row["known_until"], row["starts"], row["ends"]):
            spans.append((until, starts, ends, patient, row["version"]))
            changed.append(min(starts, ends))
    await connection.executemany(
        "UPDATE told_person SET known_until = $1, starts = $2, ends = $3 WHERE patient = $4 AND version = $5", spans
    )
    if changed:
        await move_facts(connection, patient)
        # Whoever is registered from a day on counts in every figure from then.
        await note_changes(connection, [(PEOPLE, min(changed))])
