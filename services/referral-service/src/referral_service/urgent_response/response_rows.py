"""Facts of responses, and the clock that follows from them."""

from __future__ import annotations

from datetime import datetime

from referral_service.clocks.clock_rows import held
from referral_service.clocks.keep_clock import set_ending
from referral_service.domain.urgent_response.clock_rule import ClockRule
from referral_service.domain.urgent_response.response_facts import Fact, ending_of
from referral_service.urgent_response.shipped_urgent_policies import clock_kinds
from tandem.clock import micros_if_known, moment_if_known
from tandem.database.connection import Connection, Row
from tandem.service import Work

_WRITE = """INSERT INTO urgent_fact (request, source, answered, responded, closed, said, version, organisation, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (request, source) DO UPDATE SET answered = excluded.answered, responded = excluded.responded,
  closed = excluded.closed, said = excluded.said, version = excluded.version, organisation = excluded.organisation,
  note = excluded.note"""


async def fact_of(connection: Connection, request: str, source: str) -> tuple[Fact, int]:
    """What a source says, and the version that said so; nothing, and 0, for one that was not heard of."""
    row = await connection.fetchrow("SELECT * FROM urgent_fact WHERE request = $1 AND source = $2", request, source)
    return (Fact(source), 0) if row is None else (_fact(row), row["version"])


async def keep_fact(
    connection: Connection, request: str, fact: Fact, *, version: int = 0, organisation: str | None = None,
    note: str | None = None,
) -> None:  # fmt: skip
    """Keep what a source says now."""
    times = [micros_if_known(each) for each in (fact.answered, fact.responded, fact.closed)]
    await connection.execute(_WRITE, request, fact.source, *times, fact.said, version, organisation, note)


async def bring_in_step(work: Work, request: str, rule: ClockRule) -> None:
    """End the clock of the request as its facts say."""
    rows = await work.connection.fetch("SELECT * FROM urgent_fact WHERE request = $1 ORDER BY source", request)
    stop, close = ending_of([_fact(row) for row in rows], rule.ended_by)
    await set_ending(work, request, rule.kind, stop, close)


async def started(connection: Connection, request: str, rule: ClockRule) -> datetime | None:
    """When the clock of the request began; None when it has none."""
    kept = await held(connection, request, rule.kind)
    return None if kept is None or kept.clock is None else kept.clock.starts


async def has_clock(connection: Connection, request: str) -> bool:
    """Whether a request has a clock of urgent response."""
    kinds = ", ".join(f"'{kind}'" for kind in clock_kinds())
    sql = f"SELECT 1 FROM request_clock WHERE request = $1 AND kind IN ({kinds}) AND starts IS NOT NULL"
    return await connection.fetchval(sql, request) is not None


def _fact(row: Row) -> Fact:
    answered, responded, closed = (moment_if_known(row[name]) for name in ("answered", "responded", "closed"))
    return Fact(row["source"], answered, responded, closed, row["said"])
