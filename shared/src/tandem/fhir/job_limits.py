"""How many jobs may wait: long work is queued in a table, and a queue without a bound is a way to fill a disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tandem.database.connection import Connection
from tandem.fhir.job_table import count_unended
from tandem.fhir.outcome import FhirError, Kind

_RETRY_AFTER: Final = "30"
"""Seconds: a job takes longer than a request."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How many jobs may be queued or running in a database: `every` of all callers, `each` of one organisation.

    Those who ask in the very same moment may go beyond it together.
    """

    every: int = 200
    each: int = 50

    async def check(self, connection: Connection, organisation: str) -> None:
        """Raises FhirError(THROTTLED) with Retry-After when there is no room for one more."""
        every, own = await count_unended(connection, organisation)
        if own >= self.each:
            raise _full(f"This organisation has {own} jobs queued or running; ask again when some have ended")
        if every >= self.every:
            raise _full(f"{every} jobs are queued or running; ask again when some have ended")


USUAL_LIMITS: Final = JobLimits()


def _full(text: str) -> FhirError:
    return FhirError(Kind.THROTTLED, text, headers={"Retry-After": _RETRY_AFTER})
