"""How often what is said of a month has changed: a figure that was kept is right as long as none of its kinds has.

A figure up to a day can change only with facts that began by then, so it stands on the changes of its kinds up to that
month. A change of a later month leaves it as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from metrics_service.domain.london_days import Day
from tandem.database.connection import Connection

PEOPLE = "person"
"""The kind by which versions of people are noted, in the month in which they begin to hold."""
Month = int


def month_of(day: Day) -> Month:
    """Months counted from the year nought. Days before all others are of the first."""
    if day < 1:
        return 0
    held = date.fromordinal(day)
    return held.year * 12 + held.month - 1


async def note_changes(connection: Connection, changed: Iterable[tuple[str, Day]]) -> None:
    """Note that what is said of these kinds and days has changed."""
    counted = Counter((kind, month_of(day)) for kind, day in changed)
    # Sorted, so that two transactions wait for each other instead of deadlocking.
    rows = [(kind, month, number) for (kind, month), number in sorted(counted.items())]
    if rows:
        await connection.executemany(
            "INSERT INTO fact_change (kind, month, changes) VALUES ($1, $2, $3) ON CONFLICT (kind, month)"
            " DO UPDATE SET changes = fact_change.changes + excluded.changes",
            rows,
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """All that has changed so far, by kind and month; and how many people were erased."""

    by_kind: Mapping[str, Mapping[Month, int]]
    erasures: int = 0

    def stamp(self, kinds: Iterable[str], last: Day) -> int:
        """A number that grows with every change of these kinds that a figure up to this day can rest on."""
        month = month_of(last)
        return sum(
            number
            for kind in {*kinds, PEOPLE}
            for its_month, number in self.by_kind.get(kind, {}).items()
            if its_month <= month
        )


async def changes_so_far(connection: Connection) -> Changes:
    """Read in one statement, and so of one moment."""
    found: dict[str, dict[Month, int]] = {}
    erasures = 0
    # An erasure takes facts away without a word of which they were.
    counted = "SELECT kind, month, changes FROM fact_change UNION ALL SELECT NULL, 0, COUNT(*) FROM erasure"
    for row in await connection.fetch(counted):
        if row["kind"] is None:
            erasures = row["changes"]
        else:
            found.setdefault(row["kind"], {})[row["month"]] = row["changes"]
    return Changes(found, erasures)
