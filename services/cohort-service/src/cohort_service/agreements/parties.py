"""Who the parties of an agreement are: looked up by code, and refused when they are not held."""

from __future__ import annotations

from collections.abc import Sequence

from cohort_service.domain.agreements.draft import Named
from tandem.database.connection import Connection
from tandem.fhir.body import decode
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.audit_event import organisation_reference
from tandem.identity.references import PREFIX


async def named(connection: Connection, codes: Sequence[str], name: str) -> list[Named]:
    """The organisations with these codes, each once. Raises FhirError 422 that names those that are not held."""
    found = {code: await _named(connection, code) for code in dict.fromkeys(codes)}
    missing = [code for code, party in found.items() if party is None]
    if missing:
        text = f"No Organization is held for {', '.join(missing)}; enter it first"
        raise FhirError(Kind.UNPROCESSABLE, text, expression=name)
    return [party for party in found.values() if party is not None]


async def named_or_coded(connection: Connection, code: str) -> Named:
    """The organisation with this code; one that is not held yet goes by its code alone."""
    return await _named(connection, code) or Named(code, code, organisation_reference(code))


async def _named(connection: Connection, code: str) -> Named | None:
    row = await connection.fetchrow(
        "SELECT o.id, l.body FROM organisation o JOIN resource r ON r.type = 'Organization' AND r.id = o.id"
        " AND r.deleted = 0 JOIN log l ON l.id = r.log_id WHERE o.code = $1 AND o.active = 1 ORDER BY o.id LIMIT 1",
        code,
    )
    if row is None:
        return None
    return Named(code, decode(row["body"]).get("name") or code, {"reference": f"{PREFIX}{row['id']}"})


async def known_as(connection: Connection, code: str) -> set[str]:
    """The code and every `Organization/id` that stands for the same organisation."""
    rows = await connection.fetch("SELECT id FROM organisation WHERE code = $1", code)
    return {code, *(f"{PREFIX}{row['id']}" for row in rows)}
