"""Open flags of residents, with their triage."""

from __future__ import annotations

from collections.abc import Sequence

from mdt_service.domain.home_rounds.round_list import Flag, Triage
from mdt_service.home_rounds.homes import code_of_home
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among


async def open_flags(connection: Connection, residents: Sequence[str], home: str) -> dict[str, list[Flag]]:
    """The flags of these people by Patient.id, oldest first: raised by their home, or by whoever had access to them.

    What somebody else says of a resident is kept as a Task, and puts nobody onto a list.
    """
    if not residents:
        return {}
    home_code = await code_of_home(connection, home)
    condition, values = among(connection.dialect, "f.patient", 2, residents)
    rows = await connection.fetch(
        "SELECT f.*, t.task AS triage, t.priority, t.outcome FROM home_flag f"
        " LEFT JOIN home_triage t ON t.flag = f.task AND NOT EXISTS (SELECT 1 FROM home_triage later"
        " WHERE later.flag = f.task AND (later.at > t.at OR (later.at = t.at AND later.task > t.task)))"
        f" WHERE (f.granted = 1 OR f.by_code = $1) AND {condition} ORDER BY f.since, f.task",
        home_code or "", *values,
    )  # fmt: skip
    found: dict[str, list[Flag]] = {}
    for row in rows:
        triage = Triage(row["triage"], row["priority"], row["outcome"]) if row["triage"] is not None else None
        flag = Flag(row["task"], row["since"], row["code"], row["text"], row["by_code"], triage)
        found.setdefault(row["patient"], []).append(flag)
    return found
