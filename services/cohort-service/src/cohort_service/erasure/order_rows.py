"""The rows of orders, of what services answered to them, and of legal holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tandem.database.connection import Connection


@dataclass(frozen=True, slots=True)
class Order:
    """An order to erase a person, who is known by a digest alone. `at` is microseconds."""

    id: str
    digest: str
    grounds: str
    reason: str
    approver: str
    ordered_by: str
    policy: str
    at: int


async def insert_order(connection: Connection, order: Order) -> None:
    """Keep an order."""
    await connection.execute(
        "INSERT INTO erasure_order (id, digest, grounds, reason, approver, ordered_by, policy, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        order.id, order.digest, order.grounds, order.reason, order.approver, order.ordered_by, order.policy, order.at,
    )  # fmt: skip


async def orders(connection: Connection, most: int, offset: int) -> Sequence[Order]:
    """Orders, newest first."""
    rows = await connection.fetch("SELECT * FROM erasure_order ORDER BY at DESC, id LIMIT $1 OFFSET $2", most, offset)
    return [Order(**{name: row[name] for name in Order.__slots__}) for row in rows]


async def order_of(connection: Connection, digest: str) -> Order | None:
    """The order about the person of this digest."""
    row = await connection.fetchrow("SELECT * FROM erasure_order WHERE digest = $1", digest)
    return None if row is None else Order(**{name: row[name] for name in Order.__slots__})


async def keep_answer(connection: Connection, digest: str, service: str, removed: dict[str, int], at: int) -> None:
    """Keep that a service has carried out an order; what it said last counts."""
    await connection.execute(
        "INSERT INTO erasure_answer (digest, service, removed, at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (digest, service) DO UPDATE SET removed = excluded.removed, at = excluded.at",
        digest, service, json.dumps(removed, sort_keys=True), at,
    )  # fmt: skip


async def answers(connection: Connection, digest: str) -> dict[str, int]:
    """How many rows each service has removed, by service."""
    rows = await connection.fetch("SELECT service, removed FROM erasure_answer WHERE digest = $1", digest)
    return {row["service"]: sum(json.loads(row["removed"]).values()) for row in rows}


async def hold_on(connection: Connection, patient: str) -> str | None:
    """Why the records of this person must not be erased, when there is a legal hold."""
    reason: str | None = await connection.fetchval("SELECT reason FROM legal_hold WHERE patient = $1", patient)
    return reason


async def place_hold(connection: Connection, patient: str, reason: str, by: str, at: int) -> None:
    """Place a hold, or give one that stands another reason."""
    await connection.execute(
        "INSERT INTO legal_hold (patient, reason, placed_by, at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (patient) DO UPDATE SET reason = excluded.reason, placed_by = excluded.placed_by,"
        " at = excluded.at", patient, reason, by, at,
    )  # fmt: skip


async def release_hold(connection: Connection, patient: str) -> bool:
    """Release a hold; False when there was none."""
    return await connection.execute("DELETE FROM legal_hold WHERE patient = $1", patient) == 1
