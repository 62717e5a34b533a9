"""The rows of payments, decisions on performance and recoveries of a practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from metrics_service.domain.payments.money import pence, pounds
from metrics_service.domain.payments.schedule import Dealings
from metrics_service.facts.fold import FOREVER
from metrics_service.practice_reports.report_rows import submitted_days
from tandem.database.connection import Connection

PaymentKind = Literal["instalment", "final"]


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is claimed back. `stopped` is the day from which the practice delivers no more, None while it goes on."""

    number: int
    amount: Decimal
    reason: str
    stopped: date | None
    recorded: date
    recorded_by: str


async def list_of(connection: Connection, practice: str, first: date, last: date) -> tuple[date, int] | None:
    """The newest list that was counted between two days, not weighted, with its day; None when none was."""
    row = await connection.fetchrow(
        "SELECT first, value FROM told_fact WHERE kind = 'list-size' AND category = 'registered' AND organisation = $1"
        " AND first >= $2 AND first <= $3 AND known_until = $4 ORDER BY first DESC LIMIT 1",
        practice, first.toordinal(), last.toordinal(), FOREVER,
    )  # fmt: skip
    return (date.fromordinal(row["first"]), round(row["value"])) if row is not None else None


async def dealings_of(connection: Connection, practice: str) -> Dealings:
    """What was done with a practice under the scheme."""
    paid = await connection.fetch("SELECT kind, part FROM scheme_payment WHERE practice = $1", practice)
    decided = await connection.fetch(
        "SELECT terms, satisfactory FROM performance_decision WHERE practice = $1 ORDER BY number", practice
    )
    stopped = [each.stopped for each in await recoveries_of(connection, practice) if each.stopped is not None]
    parts: dict[str, set[date]] = {"instalment": set(), "final": set()}
    for row in paid:
        parts[row["kind"]].add(date.fromordinal(row["part"]))
    return Dealings(
        await submitted_days(connection, practice), parts["instalment"], parts["final"],
        {date.fromordinal(row["terms"]): bool(row["satisfactory"]) for row in decided}, min(stopped, default=None),
    )  # fmt: skip


async def recoveries_of(connection: Connection, practice: str) -> list[Recovery]:
    """All that was claimed back, in order."""
    rows = await connection.fetch("SELECT * FROM payment_recovery WHERE practice = $1 ORDER BY number", practice)
    return [
        Recovery(
            row["number"], pounds(row["pence"]), row["reason"],
            date.fromordinal(row["stopped_day"]) if row["stopped_day"] is not None else None,
            date.fromordinal(row["recorded_day"]), row["recorded_by"],
        )
        for row in rows
    ]  # fmt: skip


async def total_paid(connection: Connection, practice: str) -> Decimal:
    """Everything that was paid, recoveries not taken off."""
    return pounds(int(await connection.fetchval(
        "SELECT CAST(COALESCE(SUM(pence), 0) AS BIGINT) FROM scheme_payment WHERE practice = $1", practice
    )))  # fmt: skip


async def keep_payment(
    connection: Connection, practice: str, kind: PaymentKind, part: date, amount: Decimal, day: date, by: str, at: int
) -> None:
    """Write that it was paid."""
    await connection.execute(
        "INSERT INTO scheme_payment (practice, kind, part, pence, paid_day, recorded_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        practice, kind, part.toordinal(), pence(amount), day.toordinal(), by, at,
    )  # fmt: skip


async def keep_decision(
    connection: Connection, practice: str, terms: date, satisfactory: bool, reason: str | None, day: date, by: str,
    at: int,
) -> None:  # fmt: skip
    """Write a decision on performance."""
    number = 1 + int(await connection.fetchval(
        "SELECT COUNT(*) FROM performance_decision WHERE practice = $1 AND terms = $2", practice, terms.toordinal()
    ))  # fmt: skip
    await connection.execute(
        "INSERT INTO performance_decision (practice, terms, number, satisfactory, reason, decided_day, decided_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        practice, terms.toordinal(), number, int(satisfactory), reason, day.toordinal(), by, at,
    )  # fmt: skip


async def keep_recovery(
    connection: Connection, practice: str, amount: Decimal, reason: str, stopped: date | None, day: date, by: str,
    at: int,
) -> None:  # fmt: skip
    """Write what is claimed back."""
    number = 1 + len(await recoveries_of(connection, practice))
    await connection.execute(
        "INSERT INTO payment_recovery (practice, number, pence, reason, stopped_day, recorded_day, recorded_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        practice, number, pence(amount), reason, stopped.toordinal() if stopped is not None else None,
        day.toordinal(), by, at,
    )  # fmt: skip
