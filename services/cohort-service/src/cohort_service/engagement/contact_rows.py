"""The rows of contacts and outcomes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cohort_service.domain.engagement.contact import contact_of
from tandem.clock import from_micros
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.identity.periods import bounds
from tandem.london_days import day_of
from tandem.service import Work


@dataclass(frozen=True, slots=True)
class KeptContact:
    """A contact with a person about the Group `list`; `communication` is the id of the Communication."""

    communication: str
    patient: str
    list: str
    channel: str
    day: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an invitation from the list of a cohort."""

    cohort: str
    patient: str
    outcome: str
    day: int
    text: str | None


async def follow_contact(event: Event, work: Work) -> None:
    """Keep what this version of a Communication says, whatever the order in which versions come.

    Only one that was written with access to the person counts.
    """
    said = contact_of(event.data) if event.granted and event.patient is not None else None
    day = None if said is None else day_of(from_micros(bounds(said.sent)[0]))
    await work.connection.execute(
        "INSERT INTO engagement_contact (communication, version, patient, list, channel, day)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (communication) DO UPDATE SET version = excluded.version,"
        " patient = excluded.patient, list = excluded.list, channel = excluded.channel, day = excluded.day"
        " WHERE excluded.version > engagement_contact.version",
        event.resource_id, event.version or 0, event.patient if said else None, said.group if said else None,
        said.channel if said else None, day,
    )  # fmt: skip


async def contacts_with(connection: Connection, patients: Collection[str]) -> dict[tuple[str, str], list[KeptContact]]:
    """Every contact with these people, in order of the days, by Group id and Patient.id."""
    rows = await connection.fetch(
        "SELECT communication, patient, list, channel, day FROM engagement_contact WHERE day IS NOT NULL"
        f" AND patient {among(connection.dialect, '$1', 'text')} ORDER BY day, communication",
        array(connection.dialect, sorted(patients)),
    )
    found: dict[tuple[str, str], list[KeptContact]] = {}
    for row in rows:
        kept = KeptContact(row["communication"], row["patient"], row["list"], row["channel"], row["day"])
        found.setdefault((kept.list, kept.patient), []).append(kept)
    return found


async def outcomes_of(connection: Connection, patients: Collection[str]) -> dict[tuple[str, str], list[Outcome]]:
    """Every outcome for these people, in order of the days, by cohort and Patient.id."""
    rows = await connection.fetch(
        "SELECT cohort, patient, outcome, day, text FROM engagement_outcome"
        f" WHERE patient {among(connection.dialect, '$1', 'text')} ORDER BY day, at, id",
        array(connection.dialect, sorted(patients)),
    )
    found: dict[tuple[str, str], list[Outcome]] = {}
    for row in rows:
        kept = Outcome(row["cohort"], row["patient"], row["outcome"], row["day"], row["text"])
        found.setdefault((kept.cohort, kept.patient), []).append(kept)
    return found
