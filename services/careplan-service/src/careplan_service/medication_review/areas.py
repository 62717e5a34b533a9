"""The organisations around a person, as far as a review asks for them: the network's, and the commissioners."""

from __future__ import annotations

from datetime import datetime

from tandem.clock import to_micros
from tandem.database.connection import Connection

_NETWORKS = (
    "SELECT n.holder FROM membership n JOIN organisation k ON k.code = n.holder AND k.kind = 'network'"
    " JOIN patient p ON p.practice = n.member WHERE p.id = $1 AND n.starts <= $2 AND n.ends > $2"
)


async def network_organisations(connection: Connection, patient: str, now: datetime) -> set[str]:
    """The codes of the networks of the person's practice and of all their members; of the practice when it has none."""
    rows = await connection.fetch(
        f"SELECT practice AS code FROM patient WHERE id = $1 AND practice IS NOT NULL UNION {_NETWORKS}"
        f" UNION SELECT m.member FROM membership m WHERE m.holder IN ({_NETWORKS}) AND m.starts <= $2 AND m.ends > $2"
        " AND m.member IS NOT NULL", patient, to_micros(now),
    )  # fmt: skip
    return {str(row["code"]) for row in rows}


async def commissioners_of(connection: Connection, patient: str, now: datetime) -> list[str]:
    """The codes of the commissioners of the person's practice, or of its networks."""
    rows = await connection.fetch(
        "SELECT DISTINCT m.holder FROM membership m"
        " JOIN organisation o ON o.code = m.holder AND o.kind = 'commissioner'"
        " WHERE m.starts <= $2 AND m.ends > $2 AND (m.member IN (SELECT practice FROM patient WHERE id = $1)"
        f" OR m.member IN ({_NETWORKS})) ORDER BY m.holder", patient, to_micros(now),
    )  # fmt: skip
    return [str(row["holder"]) for row in rows]
