"""Where a clock stands at a moment: nothing says overdue, that is a comparison made when somebody asks."""

from __future__ import annotations

from enum import Enum
from typing import Final


class State(Enum):
    """Where a clock stands. `closed` when its reason went away before what it asks for was done."""

    RUNNING = "running"
    OVERDUE = "overdue"
    STOPPED = "stopped"
    CLOSED = "closed"


STILL_OPEN: Final = {
    "running": "(m.due >= $1 AND m.settled > $1)",
    "due-soon": "(m.due >= $1 AND m.settled > $1 AND m.warn <= $1)",
    "overdue": "(m.due < $1 AND m.settled > $1)",
}
"""State of a clock that has not ended -> condition on its row `m`; $1 is the moment in microseconds."""
OPEN_STATES: Final = (State.RUNNING.value, State.OVERDUE.value)
"""The states of all that have not ended, each once."""
