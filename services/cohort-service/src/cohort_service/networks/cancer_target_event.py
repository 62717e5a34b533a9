"""The event that tells which target for early diagnosis an organisation set (ECD-017, ECD-069)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tandem.ids import IdSource
from tandem.london_days import date_of
from tandem.service import Work

RECORDED: Final = "tandem.cancer-target.recorded"


async def say_recorded(work: Work, organisation: str, targets: Iterable[Any], ids: IdSource) -> None:
    """Tell of each (first day, percent, year by which). What was said last of a day counts, by its place in the log."""
    for first, percent, by in targets:
        data = {"organisation": organisation, "from": date_of(first).isoformat(), "percent": percent, "by": by}
        await work.emit(RECORDED, data, key=ids.new())
