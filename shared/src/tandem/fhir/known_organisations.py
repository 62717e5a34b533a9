"""Whether an organisation is known: here, from events, else asked once of cohort-service, which owns Organization."""

from __future__ import annotations

from typing import Protocol

from tandem.database.connection import Connection
from tandem.identity.references import PREFIX


class OrganisationLookup(Protocol):
    """Asks cohort-service for an organisation that this service has not heard of yet."""

    async def holds(self, named: str) -> bool:
        """Whether there is one of this code, or `Organization/id`. Raises FhirError(UNAVAILABLE) without an answer."""
        ...


class OrganisationDirectory:
    """The organisations this service knows, with cohort-service behind them (no lookup in cohort-service itself)."""

    def __init__(self, lookup: OrganisationLookup | None = None) -> None:
        self._lookup = lookup

    async def knows(self, connection: Connection, named: str) -> bool:
        """Whether there is an organisation of this code (see `tandem.identity.organisations`), or `Organization/id`.

        Raises FhirError 503 when that cannot be told just now.
        """
        column = "id" if named.startswith(PREFIX) else "code"
        found = await connection.fetchval(
            f"SELECT 1 FROM organisation WHERE {column} = $1 LIMIT 1", named.removeprefix(PREFIX)
        )
        return found is not None or (self._lookup is not None and await self._lookup.holds(named))
