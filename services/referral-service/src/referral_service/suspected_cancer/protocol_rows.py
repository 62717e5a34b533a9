"""The protocols of networks: every version, and the one in force on a day."""

from __future__ import annotations

from datetime import date, datetime

from referral_service.domain.suspected_cancer.protocol import Protocol, RequiredStep, content_of, protocol_of_content
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode


async def protocols_of(connection: Connection, network: str) -> list[Protocol]:
    """Every version of a network (code), the first to begin first."""
    rows = await connection.fetch(
        "SELECT * FROM cancer_protocol WHERE network = $1 ORDER BY first_day, version", network
    )
    return list(map(_protocol, rows))


async def protocol_of(connection: Connection, network: str, day: date) -> Protocol | None:
    """The version of a network that is in force on a day: the last to have begun."""
    row = await connection.fetchrow(
        "SELECT * FROM cancer_protocol WHERE network = $1 AND first_day <= $2"
        " ORDER BY first_day DESC, version DESC LIMIT 1", network, day.isoformat(),
    )  # fmt: skip
    return _protocol(row) if row is not None else None


async def publish(
    connection: Connection, network: str, first: date, source: str, steps: list[RequiredStep],
    intervals: dict[str, int], author: str, now: datetime,
) -> Protocol:  # fmt: skip
    """Keep the next version. Hold the network's protocol first."""
    version = 1 + max((each.version for each in await protocols_of(connection, network)), default=0)
    content = content_of(steps, intervals)
    await connection.execute(
        "INSERT INTO cancer_protocol (network, version, first_day, source, content, author, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        network, version, first.isoformat(), source, encode(content), author, to_micros(now),
    )  # fmt: skip
    return protocol_of_content(network, version, first, source, content)


def _protocol(row: Row) -> Protocol:
    first, content = date.fromisoformat(row["first_day"]), decode(bytes(row["content"]))
    return protocol_of_content(row["network"], row["version"], first, row["source"], content)
