"""From events to AMQP messages: consecutive events with one routing key share a message, as a CloudEvents batch.

A confirm costs the same for one event as for fifty, so this is worth a factor of seven (figures in docs/events.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from aio_pika import DeliveryMode, Message

from tandem.events.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, encode_batch
from tandem.events.kinds import routing_key
from tandem.events.transport import Outgoing

MAX_EVENTS = 50
MAX_BYTES = 512 * 1024


def grouped(events: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Runs of events of one kind, in order: at most 50 events, and at most 512 kB unless one alone is larger."""
    for _, run in groupby(events, key=_kind):
        group: list[Outgoing] = []
        size = 0
        for event in run:
            if group and (len(group) == MAX_EVENTS or size + len(event.envelope) > MAX_BYTES):
                yield group
                group, size = [], 0
            group.append(event)
            size += len(event.envelope)
        yield group


def message_of(group: Sequence[Outgoing]) -> tuple[str, Message]:
    """The routing key and the persistent message of a group. It has no message id: the events have theirs, and the
    client library needs its own to find out which message was returned."""
    single = len(group) == 1
    body = group[0].envelope if single else encode_batch([event.envelope for event in group])
    content_type = CONTENT_TYPE if single else BATCH_CONTENT_TYPE
    message = Message(body, content_type=content_type, content_encoding="utf-8", delivery_mode=DeliveryMode.PERSISTENT)
    return routing_key(group[0].kind), message


def _kind(event: Outgoing) -> str:
    return event.kind
