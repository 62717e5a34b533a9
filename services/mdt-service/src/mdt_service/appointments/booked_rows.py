"""The rows of appointments of the shared process, and whose time they take."""

from __future__ import annotations

from dataclasses import dataclass

from mdt_service.domain.appointments.appointment_transitions import LIVE
from tandem.database.connection import Connection

_STAFF = ("Practitioner/", "PractitionerRole/", "Device/")


@dataclass(frozen=True, slots=True)
class Booked:
    """One appointment; `actors` are references of staff, places and devices, times microseconds."""

    appointment: str
    kind: str
    patient: str | None
    status: str
    intervention: str | None
    starts: int | None
    ends: int | None
    actors: tuple[str, ...]

    @property
    def staff(self) -> list[str]:
        """Those who can be at one place only: people and devices; a service or a place may have several at once."""
        return sorted({actor for actor in self.actors if actor.startswith(_STAFF)})


async def keep(connection: Connection, row: Booked) -> None:
    """Keep the appointment, and whose time it takes while it is to happen."""
    await forget(connection, row.appointment)
    await connection.execute(
        "INSERT INTO appointment_booked (appointment, kind, patient, status, intervention, starts, ends)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        row.appointment, row.kind, row.patient, row.status, row.intervention, row.starts, row.ends,
    )  # fmt: skip
    if row.status in LIVE and row.starts is not None and row.ends is not None:
        for actor in row.staff:
            await connection.execute(
                "INSERT INTO appointment_time (appointment, actor, starts, ends) VALUES ($1, $2, $3, $4)",
                row.appointment, actor, row.starts, row.ends,
            )  # fmt: skip


async def forget(connection: Connection, appointment: str) -> None:
    """It is no appointment of the shared process any more."""
    for table in ("appointment_booked", "appointment_time"):
        await connection.execute(f"DELETE FROM {table} WHERE appointment = $1", appointment)


async def overlapping(connection: Connection, row: Booked) -> list[str]:
    """Those of the staff who have given this time to another appointment."""
    if row.starts is None or row.ends is None:
        return []
    found = []
    for actor in row.staff:
        other = await connection.fetchval(
            "SELECT 1 FROM appointment_time WHERE actor = $1 AND starts < $2 AND ends > $3 AND appointment <> $4"
            " LIMIT 1",
            actor, row.ends, row.starts, row.appointment,
        )  # fmt: skip
        if other is not None:
            found.append(actor)
    return found
