"""Sessions that somebody ended before their hour was over, kept until then: no replica takes their cookie any more."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from tandem.database.connection import Database, DatabaseUnavailable
from tandem.fhir.outcome import FhirError, Kind

_ENDED: Final = "SELECT 1 FROM ended_session WHERE id = $1"
_END: Final = "INSERT INTO ended_session (id, until) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_FORGET: Final = "DELETE FROM ended_session WHERE until <= $1"
_RETRY: Final = {"Retry-After": "2"}


def declare_ended_session(metadata: MetaData) -> None:
    """Declare the table on `metadata`. `until` is when the session would be over by itself, in seconds since 1970."""
    Table(
        "ended_session", metadata,
        Column("id", Text, primary_key=True),
        Column("until", BigInteger, nullable=False, index=True),
    )  # fmt: skip


class EndedSessions:
    """The sessions that were ended, in a database that all replicas share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def end(self, identity: str, until: float, now: float) -> None:
        """End a session; times in seconds since 1970. Those that are over by themselves are forgotten.

        Raises FhirError 503 when it cannot be written: then the session is not ended.
        """
        try:
            async with self._database.transaction() as connection:
                await connection.execute(_FORGET, int(now))
                # Up to the next whole second: not a moment less than the cookie is good for.
                await connection.execute(_END, identity, int(until) + 1)
        except DatabaseUnavailable as error:
            raise FhirError(Kind.UNAVAILABLE, headers=_RETRY) from error

    async def holds(self, identity: str) -> bool:
        """Whether the session was ended. Raises FhirError 503 when nobody can say: then it is not taken either."""
        try:
            async with self._database.read() as connection:
                return await connection.fetchval(_ENDED, identity) is not None
        except DatabaseUnavailable as error:
            raise FhirError(Kind.UNAVAILABLE, headers=_RETRY) from error
