"""What has become of a Subscription, as the service says it: requested, active, error, off."""

from __future__ import annotations

from collections.abc import Callable

from tandem.database.connection import Connection, Database
from tandem.events.lease import Lease
from tandem.service import Work
from tandem.subscriptions.declaration import SUBSCRIPTION

WorkOf = Callable[[Connection], Work]


class StatusWriter:
    """Writes the status as a new version of the Subscription, while this process holds the lease."""

    def __init__(self, database: Database, work: WorkOf, lease: Lease) -> None:
        self._database = database
        self._work = work
        self._lease = lease

    async def change(self, subscription: str, before: str, after: str, error: str | None = None) -> bool:
        """From one status to another; False, and nothing is written, when a client has changed it meanwhile.

        Raises LeaseLost.
        """
        async with self._database.transaction() as connection:
            await self._lease.fence(connection)
            work = self._work(connection)
            resource = await work.read(SUBSCRIPTION, subscription)
            if resource is None or resource["status"] != before:
                return False
            resource["status"] = after
            resource.pop("error", None)
            if error is not None:
                resource["error"] = error
            await work.put(resource)
        return True
