"""Where a process stands, in numbers and names of Tandem's own: what `$state` answers and /metrics shows."""

from __future__ import annotations

from typing import Literal

import msgspec

Parked = Literal["waiting", "retry", "dead"]


class Flow(msgspec.Struct, frozen=True):
    """How far a service is behind an owner's log. Both are None when the owner gave no answer.

    `behind` counts positions of the log, `seconds` is the age of the oldest event not taken, by the domain clock.
    """

    source: str
    behind: int | None
    seconds: float | None


class Following(msgspec.Struct, frozen=True):
    """How far a follower is behind its own service's log; `backlog` is counted up to one batch."""

    name: str
    behind: int
    backlog: int


class Jobs(msgspec.Struct, frozen=True):
    """Jobs of one kind in one state, and of how much they have done how much; `total` as far as it is known."""

    kind: str
    state: str
    number: int
    done: int
    total: int


class Leading(msgspec.Struct, frozen=True):
    """A lease: whether this process holds it, and for how many seconds somebody still does; negative when nobody."""

    name: str
    here: bool
    seconds: float


class Pool(msgspec.Struct, frozen=True):
    """Connections to PostgreSQL: open, in use, allowed, and how many wait for one."""

    size: int
    used: int
    limit: int
    waiting: int


class State(msgspec.Struct, frozen=True):
    """Where a process of a service stands. Ages are seconds.

    `outbox` counts what is committed and not published, up to 10,000 without a position; `outbox_seconds` is the age of
    the oldest by the domain clock. `parked` and `parked_seconds` go by state: waiting (a gap), retry, dead.
    `late_timers` are timed events that ought to have fired, `overdue_clocks` the clocks of care that run and are late,
    by kind. `loops` are the background tasks: False for one that has ended.
    """

    service: str
    version: str
    migration: str
    newest_migration: str
    outbox: int = 0
    outbox_seconds: float = 0.0
    position: int = 0
    relayed: int = 0
    parked: dict[str, int] = {}
    parked_seconds: dict[str, float] = {}
    inbox: list[Flow] = []
    followers: list[Following] = []
    jobs: list[Jobs] = []
    leases: list[Leading] = []
    subscriptions: dict[str, int] = {}
    late_timers: int = 0
    late_timers_seconds: float = 0.0
    overdue_clocks: dict[str, int] = {}
    feed_behind: bool = False
    loops: dict[str, bool] = {}
    pool: Pool | None = None
