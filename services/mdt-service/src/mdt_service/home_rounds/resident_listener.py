"""Keeping who lives in which home in step with the EpisodesOfCare that cohort-service owns."""

from __future__ import annotations

from tandem.events.event import Event
from tandem.nhs.care_home_stay import stay_told
from tandem.service import Work


async def keep_resident(event: Event, work: Work) -> None:
    """An EpisodeOfCare was written: the stay that it tells of now, or none."""
    stay = stay_told(event.data)
    connection = work.connection
    await connection.execute("DELETE FROM home_resident WHERE episode = $1", event.resource_id)
    if stay is not None and event.patient is not None and event.granted:
        await connection.execute(
            "INSERT INTO home_resident (episode, patient, home, first_day, last_day) VALUES ($1, $2, $3, $4, $5)",
            event.resource_id, event.patient, stay.home, stay.first, stay.last,
        )  # fmt: skip
