"""Traces with the OpenTelemetry SDK, sent over OTLP (https://opentelemetry.io/docs/specs/otel/trace/sdk/).

Imported only where traces are wanted. An exception is never recorded: its message may quote a patient's values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from tandem.events.event import Event
from tandem.telemetry.trace_ids import parent_of, shown, span_id_of, trace_id_of

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_SERVER_FAULT = 500
_given: ContextVar[tuple[int, int | None] | None] = ContextVar("given", default=None)


class _Ids(IdGenerator):
    """Random ids, but for those that follow from what is known."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()

    def generate_trace_id(self) -> int:
        given = _given.get()
        return given[0] if given is not None else self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        given = _given.get()
        return given[1] if given is not None and given[1] is not None else self._random.generate_span_id()


class OpenTelemetryTracer:
    """The spans of one process, given to the exporters of `provider`."""

    def __init__(self, process: str, version: str, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("tandem", version)
        self._process = process

    @contextmanager
    def request(
        self, service: str, method: str, route: str, correlation: str, traceparent: str | None
    ) -> Iterator[_Answering]:
        found = parent_of(traceparent) if traceparent else None
        ours = trace_id_of(correlation)
        parent = _context(*found) if found is not None and found[0] == ours else None
        links = [Link(_remote(*found))] if found is not None and parent is None else []
        attributes = {
            "http.request.method": method, "http.route": route, "tandem.service": service,
            "tandem.correlation": shown(correlation),
        }  # fmt: skip
        with _ids(ours), self._tracer.start_as_current_span(
            f"{method} {route}", parent or Context(), SpanKind.SERVER, attributes, links, record_exception=False,
            set_status_on_exception=False,
        ) as span, _no_ids():  # fmt: skip
            yield _Answering(span)

    @contextmanager
    def asking(self, service: str, method: str) -> Iterator[dict[str, str]]:
        if not trace.get_current_span().get_span_context().is_valid:
            yield {}
            return
        attributes = {"http.request.method": method, "peer.service": service}
        with self._tracer.start_as_current_span(
            f"{method} at {service}", None, SpanKind.CLIENT, attributes, record_exception=False,
            set_status_on_exception=False,
        ) as span:  # fmt: skip
            found = span.get_span_context()
            flags = f"{found.trace_flags:02x}"
            yield {"traceparent": f"00-{found.trace_id:032x}-{found.span_id:016x}-{flags}"}

    def written(self, service: str, event_id: str, kind: str, correlation: str | None) -> None:
        current = trace.get_current_span().get_span_context()
        ours = int(trace_id_of(correlation or event_id), 16)
        inside = current.is_valid and current.trace_id == ours
        context = None if inside else Context()
        links = [Link(current)] if current.is_valid and not inside else []
        attributes = {"tandem.service": service, "tandem.event.kind": kind, "tandem.event.id": event_id}
        token = _given.set((ours, int(span_id_of(event_id), 16)))
        try:
            self._tracer.start_span(f"write {kind}", context, SpanKind.INTERNAL, attributes, links).end()
        finally:
            _given.reset(token)

    def published(self, service: str, events: Sequence[tuple[str, str, str | None]], started: int) -> None:
        for event_id, kind, correlation in events:
            attributes = {
                "tandem.service": service, "tandem.event.kind": kind, "tandem.event.id": event_id,
                "messaging.operation.type": "send",
            }  # fmt: skip
            self._tracer.start_span(
                f"publish {kind}", _context_of(event_id, correlation), SpanKind.PRODUCER, attributes, start_time=started
            ).end()

    @contextmanager
    def handling(self, name: str, service: str, events: Sequence[Event]) -> Iterator[None]:
        with ExitStack() as stack:
            spans = [self._consuming(name, service, event) for event in events]
            if len(spans) == 1:
                # What one event leads to is part of its trace; of several nobody could say which it was.
                stack.enter_context(trace.use_span(spans[0], record_exception=False, set_status_on_exception=False))
            try:
                yield
            except BaseException as error:
                for span in spans:
                    span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise
            finally:
                for span in spans:
                    span.end()

    def flush(self) -> None:
        """Hand over what waits."""
        self._provider.force_flush()

    def close(self) -> None:
        self._provider.shutdown()

    def _consuming(self, name: str, service: str, event: Event) -> trace.Span:
        attributes = {
            "tandem.service": service, "tandem.event.kind": event.kind, "tandem.event.id": event.id,
            "tandem.event.source": event.source, "messaging.operation.type": "process",
        }  # fmt: skip
        context = _context_of(event.id, event.correlation)
        return self._tracer.start_span(f"{name} {event.kind}", context, SpanKind.CONSUMER, attributes)


class _Answering:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def answered(self, status: int, organisation: str) -> None:
        self._span.set_attribute("http.response.status_code", status)
        if organisation:
            self._span.set_attribute("tandem.organisation", organisation)
        if status >= _SERVER_FAULT:
            self._span.set_status(Status(StatusCode.ERROR))


def open_telemetry(
    process: str, version: str, endpoint: str, ratio: float, exporter: SpanExporter | None = None
) -> OpenTelemetryTracer:
    """A tracer that sends to an OTLP/HTTP endpoint (`http://collector:4318`), in batches, from a thread of its own."""
    resource = Resource({"service.name": process, "service.version": version, "service.namespace": "tandem"})
    provider = TracerProvider(TraceIdRatioBased(ratio), resource, id_generator=_Ids(), shutdown_on_exit=False)
    provider.add_span_processor(
        BatchSpanProcessor(exporter or OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=5))
    )
    return OpenTelemetryTracer(process, version, provider)


@contextmanager
def _ids(trace_id: str) -> Iterator[None]:
    token = _given.set((int(trace_id, 16), None))
    try:
        yield
    finally:
        _given.reset(token)


@contextmanager
def _no_ids() -> Iterator[None]:
    """Whatever begins a trace of its own inside gets ids of its own."""
    token = _given.set(None)
    try:
        yield
    finally:
        _given.reset(token)


def _remote(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=_SAMPLED)


def _context(trace_id: str, span_id: str) -> Context:
    return trace.set_span_in_context(NonRecordingSpan(_remote(trace_id, span_id)), Context())


def _context_of(event_id: str, correlation: str | None) -> Context:
    return _context(trace_id_of(correlation or event_id), span_id_of(event_id))


