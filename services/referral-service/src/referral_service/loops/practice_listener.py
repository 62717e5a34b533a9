"""The registered practice of each person who is referred, so that a practice's worklist is read in its order.

The kernel's listener brings the table `patient` up to date first, in the same transaction: who may see whom and whose
worklist it is change together.
"""

from __future__ import annotations

from typing import Final

from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.identity.references import PREFIX
from tandem.service import Work

_NOW: Final = "(SELECT p.practice FROM patient p WHERE p.id = referral_loop.patient)"
_KEEP: Final = f"UPDATE referral_loop SET practice = {_NOW} WHERE COALESCE(practice, '') <> COALESCE({_NOW}, '')"


async def keep_practice(event: Event, work: Work) -> None:
    """A Patient that moved; or an Organization that Patients named before it was heard of."""
    if event.type == "Patient":
        await keep_practice_of(work.connection, str(event.resource_id))
    else:
        people = "SELECT p.id FROM patient p WHERE p.practice_reference = $1"
        await work.connection.execute(f"{_KEEP} AND patient IN ({people})", f"{PREFIX}{event.resource_id}")


async def keep_practice_of(connection: Connection, patient: str) -> None:
    """Bring the referrals of one person in step."""
    await connection.execute(f"{_KEEP} AND patient = $1", patient)
