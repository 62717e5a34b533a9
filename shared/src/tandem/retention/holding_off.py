"""The locks of an erasure, in the order in which everybody takes them, so that nobody waits in a circle.

1. Parked events that name the person: a retry takes its own back first, and may then hold a lease off.
2. Leases, that of the timers first: a timed event may hold the relay off, or erase.
3. The person's records, by type and id: whoever writes one has it before rows that follow from it.
4. The right to derive access to the person: whoever derived it meanwhile would leave rows that an erasure, which has
   waited for those before them, does not see.
"""

from __future__ import annotations

from tandem.database.connection import Connection
from tandem.events.due import LEASE as TIMERS
from tandem.events.lease import hold_off_all
from tandem.events.relay import LEASE as RELAY
from tandem.identity.derivation import hold
from tandem.retention.known_traces import traces_of
from tandem.retention.naming_rows import naming


async def hold_others_off(connection: Connection, patient: str) -> None:
    """Wait for what is under way about the person, and keep it from beginning anew until this transaction ends.

    Who holds a lease waits from here on, and a retry of a parked event has committed or finds none.
    """
    if connection.dialect == "postgresql":
        await naming(connection, "parked", ("id",), "envelope", await traces_of(connection, patient), held=True)
    await hold_off_all(connection, TIMERS, RELAY)
    if connection.dialect == "postgresql":
        await connection.fetch(
            "SELECT 1 FROM resource WHERE patient = $1 OR (type = 'Patient' AND id = $1) ORDER BY type, id FOR UPDATE",
            patient,
        )
    await hold(connection, [patient])
