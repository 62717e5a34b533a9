"""Who gets in: a process that is asked for more than it can do says so at once, and goes on with what it has begun.

Two lanes stand beside each other, so that no client can starve what the services ask of one another; the pool of
connections to the database has the same lanes. A caller beyond its own share gets 429; when the process is full it is
503; both with Retry-After.
"""

from __future__ import annotations

from collections.abc import Sized
from functools import partial
from typing import Protocol

from tandem.database.pool_lanes import Asker, asker
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.caller import Caller
from tandem.runtime.fair_share import FairShare
from tandem.runtime.lane import Lane, LaneLimits
from tandem.runtime.overload_counters import CONNECTIONS, HELD, IN_FLIGHT, REFUSED, WAITING


class OverloadSettings(Protocol):
    """The settings that make the rule; see docs/settings.md."""

    @property
    def max_in_flight(self) -> int: ...
    @property
    def max_waiting(self) -> int: ...
    @property
    def max_wait(self) -> int: ...
    @property
    def max_held(self) -> int: ...
    @property
    def max_lag(self) -> int: ...
    @property
    def max_connections(self) -> int: ...
    @property
    def transfer_seconds(self) -> int: ...
    @property
    def caller_in_flight(self) -> int: ...
    @property
    def caller_rate(self) -> int: ...
    @property
    def caller_burst(self) -> int: ...


class Overload:
    """The rule of one process. It is told how late the event loop is by `note_lag`."""

    def __init__(self, settings: OverloadSettings) -> None:
        limits = LaneLimits(settings.max_in_flight, settings.max_waiting, settings.max_wait, settings.max_held)
        self.clients = Lane("clients", limits)
        self.services = Lane("services", limits)
        self.shares = FairShare(
            at_once=settings.caller_in_flight, rate=settings.caller_rate, burst=settings.caller_burst
        )
        self.seconds = float(settings.transfer_seconds)
        self.max_connections = settings.max_connections
        self.connections: Sized = ()
        """The open connections; the server puts its own here."""
        self.draining = False
        """Whether the process is about to stop: it is not ready any more, and still answers."""
        self.lag = 0.0
        """Seconds by which the loop is late, and not only for a moment."""
        self._last_lag = 0.0
        self._max_lag = settings.max_lag / 1000
        self._show()

    def visit(self) -> Admitted:
        """See Admission."""
        return Admitted(self)

    def check_connections(self) -> None:
        """Raises FhirError(UNAVAILABLE), which ends the connection, when there are more than there may be."""
        if len(self.connections) > self.max_connections:
            raise self.clients.refusal("connections", "This process has too many connections just now", close=True)

    def check_lag(self) -> None:
        """Raises FhirError(UNAVAILABLE) while the loop is late."""
        if self.lag > self._max_lag:
            raise self.clients.refusal("lag", "This process is behind with its work just now")

    def note_lag(self, late: float) -> None:
        """Note how many seconds late the loop was just now, which is to be said twice a second."""
        # One long computation makes one look late; a queue that stands makes each so.
        self.lag, self._last_lag = min(late, self._last_lag), late

    def _show(self) -> None:
        for lane in (self.clients, self.services):
            IN_FLIGHT.labels(lane.name).set_function(partial(getattr, lane, "in_flight"))
            WAITING.labels(lane.name).set_function(partial(getattr, lane, "waiting"))
            HELD.labels(lane.name).set_function(partial(getattr, lane, "held"))
        CONNECTIONS.set_function(lambda: len(self.connections))


class Admitted:
    """One request on its way; see `tandem.fhir.admission.Visit`."""

    __slots__ = ("_lane", "_overload", "_sharer", "_size", "_working")

    def __init__(self, overload: Overload) -> None:
        self._overload = overload
        self._lane: Lane | None = None
        self._sharer: str | None = None
        self._size = 0
        self._working = False

    def admit(self, caller: Caller) -> None:
        """See Visit."""
        overload = self._overload
        if caller.service is not None:
            asker.set(Asker.SERVICE)
            self._lane = overload.services
            overload.services.check()
            return
        asker.set(Asker.CLIENT)
        self._lane = overload.clients
        overload.check_lag()
        overload.clients.check()
        try:
            overload.shares.take(caller.organisation)
        except FhirError as error:
            assert error.kind is Kind.THROTTLED
            REFUSED.labels(overload.clients.name, "share").inc()
            raise
        self._sharer = caller.organisation

    def hold(self, size: int) -> None:
        """See Visit."""
        assert self._lane is not None, "admit comes first"
        self._lane.hold(size)
        self._size += size

    async def begin(self) -> None:
        """See Visit."""
        assert self._lane is not None, "admit comes first"
        await self._lane.take()
        self._working = True

    def answered(self, size: int) -> None:
        """See Visit."""
        if self._lane is None:
            return
        if self._working:
            self._working = False
            self._lane.give_back()
        # The answer is made, so it is counted whatever the limit says: who comes next is refused sooner.
        self._lane.held += size - self._size
        self._size = size

    def end(self) -> None:
        """See Visit."""
        if self._lane is not None:
            self.answered(0)
            self._lane = None
        if self._sharer is not None:
            self._overload.shares.give_back(self._sharer)
            self._sharer = None
