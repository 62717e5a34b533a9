"""Ids of traces and spans that follow from what is known anyway, so that nothing more has to be stored or sent.

The id of a trace is made of the correlation id, which every row of a log and every envelope carries; the id of the span
in which an event was written is made of the event's id. So whoever has an event knows its place in the trace
(https://www.w3.org/TR/trace-context/).
"""

from __future__ import annotations

import hashlib
import re

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_TRACE_ID = re.compile(r"[0-9a-f]{32}")
_OPAQUE = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


def trace_id_of(correlation: str) -> str:
    """The id of the trace of a correlation id, 32 hexadecimal digits; a correlation id of that form is the id."""
    if _TRACE_ID.fullmatch(correlation) and correlation != _NO_TRACE:
        return correlation
    return hashlib.sha256(b"trace:" + correlation.encode()).hexdigest()[:32]


def span_id_of(event_id: str) -> str:
    """The id of the span in which this event was written, 16 hexadecimal digits."""
    return hashlib.sha256(b"span:" + event_id.encode()).hexdigest()[:16]


def parent_of(traceparent: str) -> tuple[str, str] | None:
    """Trace and span id of a `traceparent` header; None for one that is not valid, which is then as if not sent."""
    found = _TRACEPARENT.fullmatch(traceparent.strip())
    if found is None or found[1] == _NO_TRACE or found[2] == _NO_SPAN:
        return None
    if traceparent.startswith("00-") and len(traceparent.strip()) != 55:
        return None
    return found[1], found[2]


def shown(identifier: str) -> str:
    """An identifier as logs and traces show it: a UUID as it is, anything else that a client thought of by its hash.

    It may have put a number or a name of a person into it.
    """
    if _OPAQUE.fullmatch(identifier):
        return identifier
    return "sha256:" + hashlib.sha256(identifier.encode()).hexdigest()[:16]
