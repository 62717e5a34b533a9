"""What services say of clocks: the same kinds of event, and the same meaning, whichever service keeps the clock.

The data of each: `patient`, `cause` (the record that started it), `kind`, `policy`, `revision` (orders what is said of
one cause and kind), `starts`, `due`, and once it has ended `stopped` or `closed`.
"""

from __future__ import annotations

from typing import Final

STARTED: Final = "tandem.clock.started"
STOPPED: Final = "tandem.clock.stopped"
CLOSED: Final = "tandem.clock.closed"
DUE_SOON: Final = "tandem.clock.due-soon"
BREACHED: Final = "tandem.clock.breached"
BREACH_WITHDRAWN: Final = "tandem.clock.breach-withdrawn"

MEANING: Final = {
    STARTED: "A clock began, runs again, or its beginning or due time is now known to be another.",
    STOPPED: "What a clock asked for was done.",
    CLOSED: "A clock was closed because its reason went away before it was stopped.",
    DUE_SOON: "A clock runs and its last day comes near.",
    BREACHED: "A clock fell due without being stopped.",
    BREACH_WITHDRAWN: "It is now known that a clock was not breached as was told: `due` is the due time that was told.",
}
