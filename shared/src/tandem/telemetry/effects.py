"""What events bring about, named in log lines and traces while it happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tandem.events.event import Event
from tandem.telemetry.doing import Doing, doing
from tandem.telemetry.tracing import tracer


@contextmanager
def effect_of(name: str, service: str, events: Sequence[Event]) -> Iterator[None]:
    """These events have their effect in a service until the block ends; `name` says by what: apply, take, fire, follow.

    Log lines name the event when it is one alone.
    """
    one = events[0] if len(events) == 1 else None
    what = Doing(service, "", one.correlation or "", one.id) if one is not None else Doing(service)
    tracing = tracer()
    with doing(what):
        if tracing is None:
            yield
        else:
            with tracing.handling(name, service, events):
                yield
