"""After a change of the catalogue everybody concerned is evaluated, in the background, so many people at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from cohort_service.lists.evaluation import evaluate_next
from tandem.database.connection import Connection
from tandem.events import due
from tandem.events.event import Event
from tandem.service import Work

EVALUATE: Final = "tandem.catalogue.evaluate"
_PEOPLE_AT_ONCE = 500
"""In one transaction: a crash repeats so many, and other writers wait no longer than these take. As for a new day."""


async def evaluate_soon(
    connection: Connection, key: str, now: datetime, *, cohorts: Sequence[str] | None,
    practices: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Have everybody evaluated once this transaction is committed; only these cohorts, or people of these practices.

    `key` tells this change from every other, such as the new mark of the catalogue.
    """
    if cohorts is not None and not cohorts:
        return
    data: dict[str, Any] = {"cohorts": cohorts, "practices": practices, "after": 0}
    await due.schedule(connection, EVALUATE, key, now, data)


async def evaluate_some(event: Event, work: Work) -> None:
    """Evaluate the next people, and leave word to go on after the last of them."""
    assert event.data is not None, "scheduled with what is to be evaluated"
    data = event.data
    last = await evaluate_next(work, data["after"], _PEOPLE_AT_ONCE, data["cohorts"], data["practices"])
    if last is not None:
        change = str(event.subject).partition("/")[0]
        await work.schedule(EVALUATE, f"{change}/{last}", work.now, {**data, "after": last})
