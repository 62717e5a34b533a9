"""The rows of requests for a lower offer rate and what commissioners decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cohort_service.domain.capacity.offer_rate import AgreedRate, RateRequest
from tandem.database.connection import Connection, Row
from tandem.fhir.body import encode


async def keep_request(
    connection: Connection, identity: str, network: str, service: str, request: RateRequest, plan: list[dict[str, Any]],
    author: str, at: int,
) -> None:  # fmt: skip
    """Write a request with the figures of the plan that is its evidence."""
    await connection.execute(
        "INSERT INTO offer_rate_request (id, network, service, percent, first_day, last_day, evidence, attempts_json,"
        " plan_json, author, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        identity, network, service, request.percent, request.first, request.last, request.evidence,
        encode(list(request.attempts)), encode(plan), author, at,
    )  # fmt: skip


async def decide(
    connection: Connection, network: str, identity: str, decision: str, reason: str | None, by: str, user: str | None,
    at: int,
) -> bool:  # fmt: skip
    """Write the decision on a request that has none yet; whether there was one."""
    decided = await connection.fetchval(
        "UPDATE offer_rate_request SET decision = $3, reason = $4, decided_by = $5, decided_by_user = $6, decided = $7"
        " WHERE id = $2 AND network = $1 AND decision IS NULL RETURNING id",
        network, identity, decision, reason, by, user, at,
    )  # fmt: skip
    return decided is not None


async def requests_of(connection: Connection, network: str, service: str) -> Sequence[Row]:
    """Every request, the latest first."""
    return await connection.fetch(
        "SELECT * FROM offer_rate_request WHERE network = $1 AND service = $2 ORDER BY at DESC, id", network, service
    )


def agreed(rows: Sequence[Row]) -> list[AgreedRate]:
    """The rates that were approved."""
    return [
        AgreedRate(float(row["percent"]), row["first_day"], row["last_day"], row["decided"])
        for row in rows if row["decision"] == "approved"
    ]  # fmt: skip
