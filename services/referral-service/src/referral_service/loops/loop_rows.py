"""The row of a referral: read, and written back when it changed."""

from __future__ import annotations

from dataclasses import dataclass, fields

from referral_service.domain.chasing import Step, Waiting
from referral_service.domain.loop_state import stands_as
from tandem.clock import from_micros
from tandem.database.connection import Connection
from tandem.nhs.shipped_referral_kinds import referral_kinds


@dataclass(slots=True)
class Loop:
    """As the table `referral_loop` has it; times are microseconds. `request_status` is None of one that was deleted."""

    request: str
    task: str
    patient: str
    opened: int
    outcome: str | None = None
    closed: int | None = None
    round: int = 0
    kind: str | None = None
    requester: str | None = None
    owner: str | None = None
    request_status: str | None = None
    sent: int = 0
    task_status: str | None = None
    task_version: int = 0
    partly: int = 0
    reason: str | None = None
    reply: str | None = None
    stands: str = ""
    waits: int = 1
    asked: int | None = None
    received: int | None = None
    accepted: int | None = None
    started: int | None = None
    held: int | None = None
    ended: int | None = None
    answer_due: int | None = None
    done_due: int | None = None
    chased: str = ""
    replaces: str | None = None
    practice: str | None = None

    def settle(self) -> None:
        """Work out where it stands from what request and Task say."""
        self.stands = stands_as(self.request_status, bool(self.sent), self.task_status)
        self.waits = int(self.stands != "closed")

    @property
    def taken(self) -> list[Step]:
        """The steps of chasing that were taken in this round."""
        return [Step(each) for each in self.chased.split()]

    def waiting(self) -> Waiting:
        """What is waited for."""
        kind = referral_kinds().kinds.get(self.kind or "")
        answer, done = (None if each is None else from_micros(each) for each in (self.answer_due, self.done_due))
        return Waiting(self.stands, answer, done, kind.escalate if kind else 0, self.taken)


COLUMNS = tuple(field.name for field in fields(Loop))
_UPDATED = [name for name in COLUMNS if name not in ("request", "practice")]
"""The practice of a row that is there is kept by the listener alone, so that no write puts back an older one."""
_LISTED = ", ".join(COLUMNS)
_INSERT = (
    f"INSERT INTO referral_loop ({_LISTED}) VALUES ({', '.join(f'${place}' for place in range(1, len(COLUMNS) + 1))})"
    f" ON CONFLICT (request) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _UPDATED)}"
)


async def loop_of(connection: Connection, request: str) -> Loop | None:
    """The row of a request (an id); None for a record."""
    row = await connection.fetchrow(f"SELECT {_LISTED} FROM referral_loop WHERE request = $1", request)
    return None if row is None else Loop(**{name: row[name] for name in COLUMNS})


async def keep_loop(connection: Connection, loop: Loop) -> None:
    """Write the row."""
    await connection.execute(_INSERT, *(getattr(loop, name) for name in COLUMNS))
