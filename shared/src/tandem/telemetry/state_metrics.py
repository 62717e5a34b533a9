"""The state of every service of this process as Prometheus figures. Read when scraped, every ten seconds at most.

Labels are names of services, leases, kinds of jobs and clocks: few, and none of a person.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from tandem.telemetry.state import State
from tandem.telemetry.state_reader import StateReader, StateUnreadable

_log = logging.getLogger(__name__)
OLDEST = 10.0
"""For so many seconds a state that was read is shown again."""
_Sample = tuple[tuple[str, ...], float]
_Samples = Callable[[State], Iterable[_Sample]]
_FIGURES: tuple[tuple[str, str, tuple[str, ...], _Samples], ...] = (
    ("tandem_outbox_events", "Events committed and not published", (), lambda s: [((), s.outbox)]),
    ("tandem_outbox_age_seconds", "Age of the oldest event not published", (), lambda s: [((), s.outbox_seconds)]),
    ("tandem_log_position", "Last position in the service's log", (), lambda s: [((), s.position)]),
    (
        "tandem_inbox_behind_events", "Positions of the source's log that the service lacks", ("source",),
        lambda s: [((each.source,), each.behind) for each in s.inbox if each.behind is not None],
    ),
    (
        "tandem_inbox_behind_seconds", "Age of the oldest event of the source that the service lacks", ("source",),
        lambda s: [((each.source,), each.seconds) for each in s.inbox if each.seconds is not None],
    ),
    (
        "tandem_follower_behind_events", "Positions of its own log that a follower lacks", ("follower",),
        lambda s: [((each.name,), each.behind) for each in s.followers],
    ),
    (
        "tandem_follower_backlog", "Records in the backlog of a follower, up to one batch", ("follower",),
        lambda s: [((each.name,), each.backlog) for each in s.followers],
    ),
    (
        "tandem_parked_events", "Events set aside: waiting for a gap, to be retried, dead", ("state",),
        lambda s: [((state,), s.parked.get(state, 0)) for state in ("waiting", "retry", "dead")],
    ),
    (
        "tandem_parked_age_seconds", "How long the oldest event set aside has been so", ("state",),
        lambda s: [((state,), s.parked_seconds.get(state, 0.0)) for state in ("waiting", "retry", "dead")],
    ),
    (
        "tandem_jobs", "Jobs of the last week", ("kind", "state"),
        lambda s: [((each.kind, each.state), each.number) for each in s.jobs],
    ),
    (
        "tandem_job_steps_done", "What running jobs have done", ("kind",),
        lambda s: [((each.kind,), each.done) for each in s.jobs if each.state == "running"],
    ),
    (
        "tandem_job_steps_total", "What running jobs have to do, as far as known", ("kind",),
        lambda s: [((each.kind,), each.total) for each in s.jobs if each.state == "running"],
    ),
    (
        "tandem_lease_held", "1 when this process holds the lease", ("lease",),
        lambda s: [((each.name,), float(each.here and each.seconds > 0)) for each in s.leases],
    ),
    (
        "tandem_lease_expires_seconds", "For how long any process holds the lease; negative when none does", ("lease",),
        lambda s: [((each.name,), each.seconds) for each in s.leases],
    ),
    (
        "tandem_subscriptions", "Subscriptions by state", ("state",),
        lambda s: [((state,), number) for state, number in s.subscriptions.items()],
    ),
    ("tandem_timed_events_late", "Timed events that ought to have fired", (), lambda s: [((), s.late_timers)]),
    (
        "tandem_timed_events_late_seconds", "How late the first of them is", (),
        lambda s: [((), s.late_timers_seconds)],
    ),
    (
        "tandem_clocks_overdue", "Clocks of care that run and are late", ("kind",),
        lambda s: [((kind,), number) for kind, number in s.overdue_clocks.items()],
    ),
    (
        "tandem_access_feed_behind", "1 when only registered practices are served", (),
        lambda s: [((), float(s.feed_behind))],
    ),
    (
        "tandem_loop_running", "0 for a background task that has ended", ("loop",),
        lambda s: [((name,), float(runs)) for name, runs in s.loops.items()],
    ),
    (
        "tandem_pool_connections", "Connections to PostgreSQL", ("state",),
        lambda s: [] if s.pool is None else [
            (("open",), s.pool.size), (("used",), s.pool.used), (("limit",), s.pool.limit),
        ],
    ),
    (
        "tandem_pool_waiting", "Tasks that wait for a connection", (),
        lambda s: [] if s.pool is None else [((), s.pool.waiting)],
    ),
    (
        "tandem_info", "Always 1: release and schema of the service", ("version", "migration"),
        lambda s: [((s.version, s.migration), 1.0)],
    ),
)  # fmt: skip


class StateMetrics(Collector):
    """Shows the states of these readers from `refresh` on, until it is closed."""

    def __init__(self, readers: Callable[[], Sequence[StateReader]], registry: CollectorRegistry = REGISTRY) -> None:
        self._readers = readers
        self._registry = registry
        self._states: dict[str, State | None] = {}
        registry.register(self)

    async def refresh(self) -> None:
        """Read what is older than ten seconds. One that cannot be read is shown as unreadable, and no more of it."""
        readers = list(self._readers())
        states = await asyncio.gather(*(_read(each) for each in readers))
        self._states = {each.service.name: state for each, state in zip(readers, states, strict=True)}

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The figures, as prometheus_client asks for them."""
        readable = GaugeMetricFamily(
            "tandem_state_readable", "0 when the database did not answer for these figures", labels=["service"]
        )
        for service, state in self._states.items():
            readable.add_metric([service], float(state is not None))
        yield readable
        for name, documentation, labels, samples in _FIGURES:
            family = GaugeMetricFamily(name, documentation, labels=["service", *labels])
            for service, state in self._states.items():
                if state is not None:
                    for values, number in samples(state):
                        family.add_metric([service, *values], number)
            yield family

    def close(self) -> None:
        """Show nothing any more."""
        self._registry.unregister(self)


async def _read(reader: StateReader) -> State | None:
    try:
        return await reader.state(OLDEST)
    except StateUnreadable as error:
        _log.warning("the state of %s cannot be read: %s", reader.service.name, error)
        return None
