"""Staff in post of a network by role and day, in whole-time equivalents and pounds a year; the newest counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Post:
    """Whole-time equivalents in a role from a day (its number) on, and what they cost in pounds a year, if known."""

    role: str
    day: int
    wte: float
    cost: float | None = None


async def record_staff(
    connection: Connection, network: str, posts: Sequence[Post], author: str, now_us: int
) -> None:  # fmt: skip
    """Record these; again for a day puts it right."""
    await connection.executemany(
        "INSERT INTO staff_in_post (network, role, day, wte, cost, author, recorded)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (network, role, day) DO UPDATE SET wte = excluded.wte,"
        " cost = excluded.cost, author = excluded.author, recorded = excluded.recorded",
        [(network, post.role, post.day, post.wte, post.cost, author, now_us) for post in posts],
    )


async def posts_of_role(connection: Connection, network: str, role: str) -> list[Post]:
    """All that is recorded of a role of a network (a code), by day."""
    rows = await connection.fetch(
        "SELECT day, wte, cost FROM staff_in_post WHERE network = $1 AND role = $2 ORDER BY day", network, role
    )
    return [Post(role, row["day"], row["wte"], row["cost"]) for row in rows]


async def posts_held(connection: Connection, network: str, day: int) -> list[Post]:
    """Who is in post on a day, by role; roles that nobody holds are left out."""
    rows = await connection.fetch(
        "SELECT s.role, s.day, s.wte, s.cost FROM staff_in_post s WHERE s.network = $1 AND s.wte > 0 AND s.day ="
        " (SELECT MAX(n.day) FROM staff_in_post n WHERE n.network = s.network AND n.role = s.role AND n.day <= $2)"
        " ORDER BY s.role",
        network, day,
    )  # fmt: skip
    return [Post(row["role"], row["day"], float(row["wte"]), row["cost"]) for row in rows]


async def staff_in_post(connection: Connection, network: str, day: int) -> dict[str, float]:
    """Whole-time equivalents by role of a network (a code) on a day; roles that nobody holds are left out."""
    return {post.role: post.wte for post in await posts_held(connection, network, day)}
