"""Staff in post of a network, in whole-time equivalents by role and day; the newest by a day counts."""

from __future__ import annotations

from collections.abc import Sequence

from tandem.database.connection import Connection


async def record_staff(
    connection: Connection, network: str, posts: Sequence[tuple[str | None, int | None, float | None]], author: str,
    now_us: int,
) -> None:  # fmt: skip
    """Record (role, day, whole-time equivalents); again for a day puts it right."""
    await connection.executemany(
        "INSERT INTO staff_in_post (network, role, day, wte, author, recorded) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (network, role, day) DO UPDATE SET wte = excluded.wte, author = excluded.author,"
        " recorded = excluded.recorded",
        [(network, *post, author, now_us) for post in posts],
    )


async def staff_in_post(connection: Connection, network: str, day: int) -> dict[str, float]:
    """Whole-time equivalents by role of a network (a code) on a day; roles that nobody holds are left out."""
    rows = await connection.fetch(
        "SELECT s.role, s.wte FROM staff_in_post s WHERE s.network = $1 AND s.day = (SELECT MAX(n.day)"
        " FROM staff_in_post n WHERE n.network = s.network AND n.role = s.role AND n.day <= $2)",
        network, day,
    )  # fmt: skip
    return {row["role"]: float(row["wte"]) for row in rows if row["wte"] > 0}
