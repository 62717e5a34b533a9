"""When people were born and died, kept from their Patient records: nothing else of them."""

from __future__ import annotations

from careplan_service.domain.plans.life_dates import Life, life_of
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.service import Work


async def keep_life(event: Event, work: Work) -> None:
    """Keep what a Patient says of birth and death. A deleted record says nothing, and what was known stays."""
    if event.data is None or event.resource_id is None:
        return
    life = life_of(event.data)
    await work.connection.execute(
        "INSERT INTO person_life (patient, born, died, dead) VALUES ($1, $2, $3, $4) ON CONFLICT (patient) DO UPDATE"
        " SET born = excluded.born, died = excluded.died, dead = excluded.dead",
        event.resource_id, life.born, life.died, int(life.dead),
    )  # fmt: skip


async def life(connection: Connection, patient: str) -> Life:
    """What is known here of a person's birth and death."""
    row = await connection.fetchrow("SELECT born, died, dead FROM person_life WHERE patient = $1", patient)
    return Life(row["born"], row["died"], bool(row["dead"])) if row is not None else Life()
