"""The event that tells how many people are registered with a practice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cohort_service.domain.networks.list_sizes import ListSize
from tandem.ids import IdSource
from tandem.london_days import date_of
from tandem.service import Work

RECORDED: Final = "tandem.list-size.recorded"


async def say_recorded(work: Work, sizes: Iterable[ListSize], ids: IdSource) -> None:
    """Tell of each list. What was said last of a day counts: the place of the event in the log says which that is."""
    for each in sizes:
        day = date_of(each.day).isoformat()
        data = {
            "practice": each.practice, "date": day, "registered": each.registered, "weighted": each.weighted,
        }  # fmt: skip
        await work.emit(RECORDED, data, key=ids.new())
