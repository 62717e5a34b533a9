"""A business identifier is of one referral at a time: whoever sends it again is told that it is held."""

from __future__ import annotations

from collections.abc import Collection

from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.folding import bounded

_HELD = (
    "A referral with one of these business identifiers is held already: it was sent before. Update or redirect that one"
    " (000 §4.12 r6; docs/referrals.md)"
)
"""The same whoever asks and whatever is held, so that it tells nothing of a referral that one may not see."""


async def claim_identifiers(connection: Connection, request: Resource, replaced: Collection[str]) -> None:
    """Have the request known by its identifiers that have a system, and by no others.

    Of two that come at once the second waits for the first. Raises FhirError 409 when another request holds one, unless
    this one replaces it.
    """
    identity = str(request["id"])
    named = sorted({
        (bounded(str(each["system"])), bounded(str(each["value"]))) for each in request.get("identifier") or ()
        if each.get("system") and each.get("value")
    })  # fmt: skip
    held = await connection.fetch("SELECT system, value FROM referral_identifier WHERE request = $1", identity)
    before = {(row["system"], row["value"]) for row in held}
    for system, value in sorted(before - set(named)):
        await connection.execute("DELETE FROM referral_identifier WHERE system = $1 AND value = $2", system, value)
    for system, value in named:
        if (system, value) not in before:
            await _claim(connection, system, value, identity, replaced)


async def release_identifiers(connection: Connection, request: str) -> None:
    """A request that was an error, or was deleted, holds none."""
    await connection.execute("DELETE FROM referral_identifier WHERE request = $1", request)


async def _claim(connection: Connection, system: str, value: str, request: str, replaced: Collection[str]) -> None:
    taken = await connection.execute(
        "INSERT INTO referral_identifier (system, value, request) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        system, value, request,
    )  # fmt: skip
    if taken:
        return
    holder = await connection.fetchval(
        "SELECT request FROM referral_identifier WHERE system = $1 AND value = $2", system, value
    )
    if holder not in replaced:
        raise FhirError(Kind.DUPLICATE, _HELD, expression="ServiceRequest.identifier")
    await connection.execute(
        "UPDATE referral_identifier SET request = $3 WHERE system = $1 AND value = $2", system, value, request
    )
