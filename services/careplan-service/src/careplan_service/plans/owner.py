"""Which organisation owns a shared plan: the network of the person's practice, or the practice (EHCH-038)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.identity.audit_event import organisation_reference
from tandem.identity.organisations import reference_code
from tandem.identity.registered_practice import registered_practice


async def network_or_practice(connection: Connection, patient: str, now: datetime) -> str | None:
    """The code of the network that the person's practice is a member of now, else of the practice."""
    practice = await registered_practice(connection, patient)
    if practice is None:
        return None
    # A commissioner holds memberships too: the network is the one whose holder is a network.
    network: str | None = await connection.fetchval(
        "SELECT s.holder FROM membership s JOIN organisation o ON o.code = s.holder AND o.kind = 'network'"
        " WHERE s.member = $1 AND s.starts <= $2 AND s.ends > $2 ORDER BY s.starts DESC, s.holder LIMIT 1",
        practice, to_micros(now),
    )  # fmt: skip
    return network or practice


async def owner_of(connection: Connection, plan: Resource, patient: str, now: datetime) -> dict[str, Any] | None:
    """A Reference to the owner: the organisation that is the plan's author, else as the person is registered."""
    author = plan.get("author")
    if isinstance(author, dict) and reference_code(author) is not None:
        return author
    code = await network_or_practice(connection, patient, now)
    return organisation_reference(code) if code is not None else None
