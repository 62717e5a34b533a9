"""Applying events inside one transaction: claim, order, handlers, versions. All of it is committed, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tandem.database.connection import Connection
from tandem.events import inbox_tables, parking
from tandem.events.envelope import Received
from tandem.events.event import Event
from tandem.events.handler_time import in_time
from tandem.events.kinds import matches
from tandem.retention.tombstones import erased_among
from tandem.service import Handler, Listener, Timer, TogetherHandler, Work
from tandem.telemetry.effects import effect_of

WorkFactory = Callable[[Connection, Event], Work]
"""Makes the Work through which handlers of this event read and write, inside the given transaction."""


class NoTimer(LookupError):
    """A timed event fell due that the service declares no timer for, as in a roll-out an older process does not."""


class Handlers:
    """The handlers of a service by kind of event: its listeners', and its timers' for timed events."""

    def __init__(self, listeners: Sequence[Listener], timers: Sequence[Timer]) -> None:
        self._listeners = listeners
        self._timers = timers
        self._found: dict[str, tuple[Handler, ...]] = {}
        self._by_kind: dict[str, tuple[Listener, ...]] = {}

    def of(self, kind: str) -> tuple[Handler, ...]:
        """The handlers of this kind, in the order of their declaration."""
        if kind not in self._found:
            own = [each.handler for each in self._listening(kind) if each.together is None]
            timed = [timer.handler for timer in self._timers if timer.kind == kind]
            self._found[kind] = (*own, *timed)
        return self._found[kind]

    def together(self, events: Sequence[Event]) -> list[tuple[TogetherHandler, list[Event]]]:
        """The handlers that take events together, each with those of its kinds."""
        found: list[tuple[TogetherHandler, list[Event]]] = []
        for listener in self._listeners:
            if listener.together is not None:
                taken = [each for each in events if listener in self._listening(each.kind)]
                if taken:
                    found.append((listener.together, taken))
        return found

    def _listening(self, kind: str) -> tuple[Listener, ...]:
        if kind not in self._by_kind:
            self._by_kind[kind] = tuple(
                each for each in self._listeners if any(matches(pattern, kind) for pattern in each.kinds)
            )
        return self._by_kind[kind]


@dataclass(slots=True)
class _Sorted:
    """What to do with the events of one transaction."""

    ready: list[Received] = field(default_factory=list)
    stale: list[Received] = field(default_factory=list)
    early: list[Received] = field(default_factory=list)
    erased: list[Received] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class InboxTransaction:
    """`gap` is how long an event waits for a missing version before the owner is asked for it, in microseconds.

    `seconds` is how long the handlers of one event may take, and those that take events together.
    """

    consumer: str
    handlers: Handlers
    work_factory: WorkFactory
    gap: int
    seconds: float

    async def apply(
        self, connection: Connection, events: Sequence[Received], now: int, *, again: bool = False
    ) -> tuple[int, list[str]]:
        """Apply what is next, skip what is known or old, park what is early.

        `again` is for what was parked here, which is not known however old it is. Answers how many were applied and the
        resources (`Type/id`) that moved on. Raises what a handler raises, HandlerTimedOut, or NoTimer; then the
        transaction must be rolled back.
        """
        known = await parking.parked_among(connection, self.consumer, [event.id for event, _ in events])
        reached = await self._reached(connection, events)
        todo = _sort([each for each in events if each.event.id not in known], reached)
        await self._drop_the_erased(connection, todo)
        claimed = [each.event for each in (*todo.ready, *todo.stale, *todo.erased)]
        fresh = await inbox_tables.claim(connection, self.consumer, claimed, now)
        if not again:
            fresh -= await self._pruned(connection, [event for event in claimed if event.id in fresh])
        applied: list[Event] = []
        moved: dict[str, int] = {}
        for event, _ in todo.ready:
            if event.id in fresh:
                fresh.discard(event.id)
                await self._handle(connection, event)
                applied.append(event)
            if (subject := parking.subject_of(event)) is not None:
                moved[subject] = event.version or 0
        for handler, events_of_it in self.handlers.together(applied):
            only = events_of_it[0].id if len(events_of_it) == 1 else None
            with effect_of("take", self.consumer, events_of_it):
                async with in_time(self.seconds, only):
                    await handler(events_of_it, connection)
        await inbox_tables.record_versions(connection, self.consumer, moved | _passed_over(todo.erased))
        for each in todo.early:
            await parking.park(connection, self.consumer, each, "waiting", attempts=0, next_at=now + self.gap, at=now)
        return len(applied), list(moved)

    async def _pruned(self, connection: Connection, claimed: Sequence[Event]) -> set[str]:
        """Which of these were taken so long ago that their rows are gone.

        Asked after the claim: it has waited for whoever was pruning the same rows, and now sees how far that went.
        """
        if not any(event.version is None and event.position is not None for event in claimed):
            return set()
        pruned = await inbox_tables.pruned_up_to(connection, self.consumer)
        return {event.id for event in claimed if _is_pruned(event, pruned)}

    async def _drop_the_erased(self, connection: Connection, todo: _Sorted) -> None:
        """Take out what comes late for somebody who was erased: it is remembered as taken, and has no effect."""
        patients = {event.patient for event, _ in (*todo.ready, *todo.early) if event.patient is not None}
        gone = await erased_among(connection, patients)
        if gone:
            todo.erased = [each for each in (*todo.ready, *todo.early) if each.event.patient in gone]
            todo.ready = [each for each in todo.ready if each.event.patient not in gone]
            todo.early = [each for each in todo.early if each.event.patient not in gone]

    async def _reached(self, connection: Connection, events: Sequence[Received]) -> dict[str, int]:
        subjects = {subject for event, _ in events if (subject := parking.subject_of(event)) is not None}
        return await inbox_tables.versions(connection, self.consumer, sorted(subjects))

    async def _handle(self, connection: Connection, event: Event) -> None:
        handlers = self.handlers.of(event.kind)
        if not handlers:
            if event.source == self.consumer and event.position is None:
                # It was parked for want of a timer, and would be gone without effect.
                raise NoTimer(event.kind)
            return
        with effect_of("apply", self.consumer, [event]):
            work = self.work_factory(connection, event)
            async with in_time(self.seconds, event.id):
                for handler in handlers:
                    await handler(event, work)


def _sort(events: Sequence[Received], reached: Mapping[str, int]) -> _Sorted:
    found, last = _Sorted(), dict(reached)
    for each in events:
        subject, version = parking.subject_of(each.event), each.event.version
        if subject is None or version is None:
            found.ready.append(each)
            continue
        before = last.get(subject, 0)
        if version == before + 1:
            found.ready.append(each)
            last[subject] = version
        elif version <= before:
            found.stale.append(each)
        else:
            found.early.append(each)
    return found


def _is_pruned(event: Event, pruned: Mapping[tuple[str, str], int]) -> bool:
    # Of a resource `inbox_version` knows what was taken; of a domain event, once its row is gone, its position does.
    if event.version is not None or event.position is None:
        return False
    return event.position <= pruned.get((event.source, event.kind), 0)


def _passed_over(erased: Sequence[Received]) -> dict[str, int]:
    """The last version of each resource among what was dropped: one that is about somebody else by now goes on."""
    versions: dict[str, int] = {}
    for event, _ in erased:
        subject = parking.subject_of(event)
        if subject is not None and event.type != "Patient":
            versions[subject] = max(event.version or 0, versions.get(subject, 0))
    return versions
