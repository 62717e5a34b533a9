"""A Reference to an organisation whose code is known."""

from __future__ import annotations

from typing import Any

from tandem.database.connection import Connection
from tandem.identity.audit_event import organisation_reference
from tandem.identity.references import PREFIX


async def reference_to(connection: Connection, code: str) -> dict[str, Any]:
    """A Reference to an organisation: literal when its Organization is known, and by its code."""
    held = await connection.fetchval("SELECT id FROM organisation WHERE code = $1 ORDER BY id LIMIT 1", code)
    named = organisation_reference(code)
    return {"reference": f"{PREFIX}{held}", **named} if held is not None else named
