"""Which organisation is meant by the target of a message."""

from __future__ import annotations

from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named
from tandem.fhir.search.folding import bounded
from tandem.identity.organisations import identifier_code


def addressed(system: str, value: str) -> tuple[str, str]:
    """An identifier of a service as it is kept and looked for: short enough for an index."""
    return bounded(system.replace("http://fhir.nhs.uk", "https://fhir.nhs.uk")), bounded(value)


async def target_organisation(connection: Connection, system: str, value: str) -> str | None:
    """The code of the organisation that provides the service of this identifier, or has it itself; None if unknown."""
    provider: str | None = await connection.fetchval(
        "SELECT organisation FROM message_address WHERE system = $1 AND value = $2 ORDER BY service LIMIT 1",
        *addressed(system, value),
    )  # fmt: skip
    named = provider if provider is not None else identifier_code({"system": system, "value": value})
    organisation = await organisation_named(connection, named) if named is not None else None
    return organisation.code if organisation is not None else None
