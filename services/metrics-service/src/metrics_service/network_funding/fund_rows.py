"""The rows of a network's fund, of what was paid into it, and of claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics_service.domain.payments.money import pence, pounds
from metrics_service.facts.fold import FOREVER
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Fund:
    """The designated fund; `holder` is the code of the organisation whose account it is."""

    name: str
    holder: str
    designated: date


@dataclass(frozen=True, slots=True)
class Payment:
    """What was paid of a stream on a day."""

    stream: str
    amount: Decimal
    paid: date


@dataclass(frozen=True, slots=True)
class Claim:
    """A role claimed for a month (its first day), in whole-time equivalents."""

    role: str
    month: date
    wte: Decimal


async def fund_of(connection: Connection, network: str) -> Fund | None:
    """The fund of a network; None before it designated one."""
    row = await connection.fetchrow("SELECT * FROM network_fund WHERE network = $1", network)
    return Fund(row["name"], row["holder"], date.fromordinal(row["designated_day"])) if row is not None else None


async def keep_fund(connection: Connection, network: str, fund: Fund, by: str, at: int) -> None:
    """Write the fund."""
    await connection.execute(
        "INSERT INTO network_fund (network, name, holder, designated_day, designated_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        network, fund.name, fund.holder, fund.designated.toordinal(), by, at,
    )  # fmt: skip


async def payments_of(connection: Connection, network: str) -> list[Payment]:
    """All that was paid into the fund, in order."""
    rows = await connection.fetch("SELECT * FROM network_payment WHERE network = $1 ORDER BY number", network)
    return [Payment(row["stream"], pounds(row["pence"]), date.fromordinal(row["paid_day"])) for row in rows]


async def keep_payments(
    connection: Connection, network: str, payments: Sequence[Payment], by: str, at: int
) -> None:
    """Write payments after those there are."""
    before = len(await payments_of(connection, network))
    await connection.executemany(
        "INSERT INTO network_payment (network, number, stream, pence, paid_day, recorded_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            (network, before + place, each.stream, pence(each.amount), each.paid.toordinal(), by, at)
            for place, each in enumerate(payments, 1)
        ],
    )  # fmt: skip


async def claims_of(connection: Connection, network: str, first: date, last: date) -> list[Claim]:
    """The claims for months that begin between two days."""
    rows = await connection.fetch(
        "SELECT role, month, wte FROM role_claim WHERE network = $1 AND month >= $2 AND month <= $3"
        " ORDER BY month, role",
        network, first.toordinal(), last.toordinal(),
    )  # fmt: skip
    return [Claim(row["role"], date.fromordinal(row["month"]), Decimal(row["wte"]) / 100) for row in rows]


async def keep_claims(connection: Connection, network: str, claims: Sequence[Claim], by: str, at: int) -> None:
    """Write claims; another claim for the same role and month takes the place of the first."""
    await connection.executemany(
        "INSERT INTO role_claim (network, role, month, wte, claimed_by, at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (network, role, month) DO UPDATE SET wte = excluded.wte, claimed_by = excluded.claimed_by,"
        " at = excluded.at",
        [(network, each.role, each.month.toordinal(), int(each.wte * 100), by, at) for each in claims],
    )


async def registered_with(connection: Connection, practices: Sequence[str], day: date) -> int | None:
    """How many people are registered with these practices by the newest list of each; None while one is not known."""
    rows = await connection.fetch(
        "SELECT organisation, value FROM told_fact WHERE kind = 'list-size' AND category = 'registered'"
        f" AND organisation {among(connection.dialect, '$1', 'text')} AND first <= $2 AND known_until = $3"
        " ORDER BY first",
        array(connection.dialect, practices), day.toordinal(), FOREVER,
    )  # fmt: skip
    newest = {row["organisation"]: round(row["value"]) for row in rows}
    return sum(newest.values()) if practices and len(newest) == len(set(practices)) else None
