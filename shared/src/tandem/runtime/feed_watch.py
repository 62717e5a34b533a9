"""Whether this service's knowledge of who may see whom is fresh enough to rely on.

When it is more than 30 seconds behind, agreements and networks may have ended without our knowing: then only the
registered practice is served (docs/identity.md).
"""

from __future__ import annotations

import asyncio
import logging
import time

from tandem.database.connection import Database
from tandem.identity.access import FEED_LIMIT_SECONDS
from tandem.identity.projection import PROJECTED_TYPES

_log = logging.getLogger(__name__)
_EVERY = 5.0


class FeedWatch:
    """Watches the consumer and what it has parked. `level` is set while the consumer is caught up with every owner."""

    def __init__(self, level: asyncio.Event, database: Database, consumer: str) -> None:
        self._level = level
        self._database = database
        self._consumer = consumer
        self._fresh_at = time.monotonic()

    def behind(self) -> bool:
        """Whether the feed has been behind for more than 30 seconds."""
        return time.monotonic() - self._fresh_at > FEED_LIMIT_SECONDS

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            try:
                if self._level.is_set() and not await self._stuck():
                    self._fresh_at = time.monotonic()
            except Exception as error:
                _log.warning("%s cannot tell how fresh its access feed is: %s", self._consumer, type(error).__name__)
            await asyncio.sleep(_EVERY)

    async def _stuck(self) -> bool:
        subjects = " OR ".join(f"subject LIKE '{name}/%'" for name in sorted(PROJECTED_TYPES))
        async with self._database.read() as connection:
            found = await connection.fetchval(
                f"SELECT 1 FROM parked WHERE consumer = $1 AND ({subjects}) LIMIT 1", self._consumer
            )
        return found is not None
