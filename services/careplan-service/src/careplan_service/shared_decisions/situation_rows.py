"""The situations in which a shared decision is required: those shipped, and what was published since."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

from careplan_service.domain.shared_decisions.situations import Situation
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode


@cache
def shipped_situations() -> tuple[Situation, ...]:
    """Version 1 of the situations of `situations.json`."""
    raw = (files("careplan_service") / "shared_decisions" / "situations.json").read_bytes()
    return tuple(
        Situation(
            each["id"], 1, each["title"], frozenset((coding["system"], coding["code"]) for coding in each["codes"]),
            each["lead"], each["trained"], date.fromisoformat(each["from"]), None, each["source"],
        )
        for each in decode(raw)
    )  # fmt: skip


async def all_situations(connection: Connection) -> list[Situation]:
    """Every version, in the order of situations and versions."""
    rows = await connection.fetch("SELECT * FROM decision_situation ORDER BY id, version")
    return sorted([*shipped_situations(), *map(_situation, rows)], key=lambda each: (each.id, each.version))


async def publish(connection: Connection, given: Situation, author: str, at: int) -> Situation:
    """Keep it as the next version of its situation, whatever version it says. Hold the situations first."""
    known = await all_situations(connection)
    version = 1 + max((each.version for each in known if each.id == given.id), default=0)
    await connection.execute(
        "INSERT INTO decision_situation (id, version, title, codes, lead, trained, first_day, last_day, source,"
        " author, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        given.id, version, given.title, encode([list(code) for code in sorted(given.codes)]).decode(), given.lead,
        int(given.trained), given.first.isoformat(), given.last.isoformat() if given.last is not None else None,
        given.source, author, at,
    )  # fmt: skip
    return Situation(
        given.id, version, given.title, given.codes, given.lead, given.trained, given.first, given.last, given.source
    )


def _situation(row: Row) -> Situation:
    last = date.fromisoformat(row["last_day"]) if row["last_day"] is not None else None
    codes = frozenset((system, code) for system, code in decode(row["codes"].encode()))
    return Situation(
        row["id"], row["version"], row["title"], codes, row["lead"], bool(row["trained"]),
        date.fromisoformat(row["first_day"]), last, row["source"],
    )  # fmt: skip
