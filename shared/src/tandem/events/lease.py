"""Named leases: of all processes of a service, one at a time runs the relay, the timers and the like."""

from __future__ import annotations

from tandem.database.connection import Connection, Database
from tandem.events.realtime import SECOND, Now, now_micros

_TAKE = """
INSERT INTO lease (name, holder, until) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE lease.holder = excluded.holder OR lease.until < $4
"""
_FENCE = "UPDATE lease SET until = $3 WHERE name = $1 AND holder = $2"
# One that was given up has no row: then it is made, so that whoever would take the lease waits all the same.
_HOLD_OFF = """
INSERT INTO lease (name, holder, until) VALUES ($1, '', 0)
ON CONFLICT (name) DO UPDATE SET until = lease.until
"""
_RELEASE = "DELETE FROM lease WHERE name = $1 AND holder = $2"


class LeaseLost(Exception):
    """Another process holds the lease now; what was begun under it must not be committed."""


class Lease:
    """A lease of `seconds` of real time under a name; `holder` names this process and nobody else.

    Clocks of two machines may disagree by less than half of `seconds`. Even when they do not, `fence` keeps two holders
    from committing: it takes the row that a successor would have to change.
    """

    def __init__(
        self, database: Database, name: str, *, holder: str, seconds: float = 15.0, again: float = 1.0,
        now: Now = now_micros,
    ) -> None:  # fmt: skip
        self.name = name
        self.holder = holder
        self._database = database
        self._length = int(seconds * SECOND)
        self._again = int(again * SECOND)
        self._now = now
        self._until = 0
        self._ask_at = 0

    async def hold(self) -> bool:
        """Take or renew the lease, asking the database only when half of it is over, or at the earliest after `again`
        seconds when another holds it. Says whether it is held."""
        now = self._now()
        if self._until - now > self._length // 2:
            return True
        if now < self._ask_at:
            return False
        until = now + self._length
        async with self._database.transaction() as connection:
            taken = await connection.execute(_TAKE, self.name, self.holder, until, now) == 1
        self._until = until if taken else 0
        self._ask_at = 0 if taken else now + self._again
        return taken

    async def fence(self, connection: Connection) -> None:
        """Renew inside this transaction, and hold off any successor until it ends. Raises LeaseLost."""
        until = self._now() + self._length
        if await connection.execute(_FENCE, self.name, self.holder, until) != 1:
            self._until = 0
            raise LeaseLost(self.name)

    async def hold_off(self, connection: Connection) -> None:
        """See `hold_off` below."""
        await hold_off(connection, self.name)

    async def release(self) -> None:
        """Give it up at once, if it is held."""
        self._until = 0
        async with self._database.transaction() as connection:
            await connection.execute(_RELEASE, self.name, self.holder)


async def hold_off(connection: Connection, name: str) -> None:
    """Wait for what the holder of this lease has under way, and keep it from beginning anew until this transaction
    ends."""
    await connection.execute(_HOLD_OFF, name)


async def hold_off_all(connection: Connection, first: str, *others: str) -> None:
    """Hold off the holders of all leases there are, and whoever would take one of those that are named.

    Whoever takes a second lease in a transaction has to take them in one order: this one begins with `first`, whose
    holder takes others, and goes on by name.
    """
    names = {first, *others, *(row["name"] for row in await connection.fetch("SELECT name FROM lease"))}
    for name in sorted(names, key=lambda each: (each != first, each)):
        await hold_off(connection, name)
