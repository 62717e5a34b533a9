"""The rows of clocks, read and written; times are microseconds there and datetimes here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from referral_service.domain.clocks.request_clock import Clock, Ending, RequestClock
from tandem.clock import from_micros, micros_if_known, moment_if_known, to_micros
from tandem.database.connection import Connection, Row
from tandem.identity.periods import FOREVER

_WRITE = """INSERT INTO request_clock (request, kind, patient, policy, owner, starts, due, warn, stopped, stopped_how,
  closed, closed_why, settled, revision, warned, told)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (request, kind) DO UPDATE SET patient = excluded.patient, policy = excluded.policy, owner = excluded.owner,
  starts = excluded.starts, due = excluded.due, warn = excluded.warn, stopped = excluded.stopped,
  stopped_how = excluded.stopped_how, closed = excluded.closed, closed_why = excluded.closed_why,
  settled = excluded.settled, revision = excluded.revision, warned = excluded.warned, told = excluded.told"""


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of a clock: what it is (None as long as only its end is known), how it ended, how often it changed,
    and the due times of which warning and breach were told."""

    clock: Clock | None
    stop: Ending | None = None
    close: Ending | None = None
    revision: int = 0
    warned: datetime | None = None
    told: datetime | None = None

    @property
    def known(self) -> RequestClock | None:
        """The clock with its end; None as long as only its end is known."""
        return None if self.clock is None else RequestClock(self.clock, self.stop, self.close)


async def held(connection: Connection, request: str, kind: str) -> Held | None:
    """What is kept of the clock, or None."""
    row = await connection.fetchrow("SELECT * FROM request_clock WHERE request = $1 AND kind = $2", request, kind)
    return None if row is None else held_of(row)


def held_of(row: Row) -> Held:
    """What a row says."""
    clock = None
    if row["starts"] is not None:
        clock = Clock(
            row["request"], row["kind"], row["patient"], from_micros(row["starts"]), from_micros(row["due"]),
            row["policy"], moment_if_known(row["warn"]), row["owner"],
        )  # fmt: skip
    stop = None if row["stopped"] is None else Ending(from_micros(row["stopped"]), row["stopped_how"])
    close = None if row["closed"] is None else Ending(from_micros(row["closed"]), row["closed_why"])
    return Held(clock, stop, close, row["revision"], moment_if_known(row["warned"]), moment_if_known(row["told"]))


def clock_of(row: Row) -> RequestClock:
    """The clock of a row that has a beginning."""
    known = held_of(row).known
    assert known is not None, "the statement asked for starts <= a moment"
    return known


async def write(connection: Connection, request: str, kind: str, now: Held) -> None:
    """Write the row anew."""
    clock, endings = now.clock, [each.at for each in (now.stop, now.close) if each is not None]
    about = (None,) * 6 if clock is None else (
        clock.patient, clock.policy, clock.owner, to_micros(clock.starts), to_micros(clock.due),
        micros_if_known(clock.warn),
    )  # fmt: skip
    ends = [value for each in (now.stop, now.close) for value in ((None, None) if each is None else _ending(each))]
    await connection.execute(
        _WRITE, request, kind, *about, *ends, min(map(to_micros, endings), default=FOREVER), now.revision,
        micros_if_known(now.warned), micros_if_known(now.told),
    )  # fmt: skip


async def mark(connection: Connection, request: str, kind: str, column: str) -> None:
    """Remember that the warning (`warned`) or the breach (`told`) of the due time was told."""
    await connection.execute(f"UPDATE request_clock SET {column} = due WHERE request = $1 AND kind = $2", request, kind)


def _ending(ending: Ending) -> tuple[int, str]:
    return to_micros(ending.at), ending.said
