"""Traces: one request, or one event, from its origin to all that follows from it in any service.

Nothing here imports OpenTelemetry. Without `TANDEM_OTLP_ENDPOINT` there is no tracer, and whoever asks gets None.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from tandem.events.event import Event


class RequestSpan(Protocol):
    """The span of a request under way."""

    def answered(self, status: int, organisation: str) -> None:
        """Say how it was answered."""
        ...


class Tracer(Protocol):
    """What is traced. `correlation` decides the trace: see `tandem.telemetry.trace_ids`."""

    def request(
        self, service: str, method: str, route: str, correlation: str, traceparent: str | None
    ) -> AbstractContextManager[RequestSpan]:
        """The span of a request that a service answers. A `traceparent` of another trace becomes a link."""
        ...

    def asking(self, service: str, method: str) -> AbstractContextManager[dict[str, str]]:
        """The span of a request to another service; yields the headers that pass it on."""
        ...

    def written(self, service: str, event_id: str, kind: str, correlation: str | None) -> None:
        """An event was put into log and outbox, in whatever is under way."""
        ...

    def published(self, service: str, events: Sequence[tuple[str, str, str | None]], started: int) -> None:
        """The transport has taken these events (id, kind, correlation); `started` is `time.time_ns()`."""
        ...

    def handling(self, name: str, service: str, events: Sequence[Event]) -> AbstractContextManager[None]:
        """These events have their effect in a service until the block ends; `name` says by what."""
        ...

    def close(self) -> None:
        """Send what is left."""
        ...


_tracers: list[Tracer] = []


def tracer() -> Tracer | None:
    """The tracer of this process, if it has one."""
    return _tracers[-1] if _tracers else None


def trace_with(new: Tracer) -> None:
    """Trace with this one from now on."""
    _tracers.append(new)


def stop_tracing() -> None:
    """Send what is left and trace no more."""
    if _tracers:
        _tracers.pop().close()
