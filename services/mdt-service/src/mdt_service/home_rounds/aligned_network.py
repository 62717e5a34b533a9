"""Whose rounds a care home has (000 §3.16 r1 to r3, r6).

Those of the network that it is aligned to, and of its practices, providers and commissioners; and of the practice of a
resident who chose to stay with another one (EHCH-021).
"""

from __future__ import annotations

from mdt_service.duties.area import networks_about
from mdt_service.home_rounds.homes import names_of_home
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among
from tandem.identity.references import resolve


async def may_hold_rounds(connection: Connection, owner: str, home: str, at: int, day: int) -> bool:
    """Whether the rounds of an organisation are those of this home, at a moment (microseconds) that is on this day.

    True also while no alignment of the home is known: nobody is kept from a home that no network answers for.
    """
    names = await names_of_home(connection, home)
    condition, values = among(connection.dialect, "home", 2, names)
    rows = await connection.fetch(
        f"SELECT DISTINCT network FROM home_alignment WHERE starts <= $1 AND ends > $1 AND {condition}", at, *values
    )
    if not rows:
        return True
    aligned = set((await resolve(connection, [row["network"] for row in rows])).values())
    if not aligned.isdisjoint(await networks_about(connection, owner, at)):
        return True
    condition, values = among(connection.dialect, "r.home", 3, names)
    own = await connection.fetchval(
        "SELECT 1 FROM home_resident r JOIN patient p ON p.id = r.patient"
        f" WHERE p.practice = $1 AND r.first_day <= $2 AND r.last_day >= $2 AND {condition} LIMIT 1",
        owner, day, *values,
    )  # fmt: skip
    return own is not None
