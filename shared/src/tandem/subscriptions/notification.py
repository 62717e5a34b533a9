"""One notification as an HTTP request.

With a payload the version is sent as an update, `PUT [endpoint]/[type]/[id]`; without one it is a bare
`POST [endpoint]` (http://hl7.org/fhir/R4/subscription.html#channels).
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.fhir.request import JSON
from tandem.subscriptions.channel import Channel
from tandem.subscriptions.signature import signature


@dataclass(frozen=True, slots=True)
class Notification:
    """A version to be told of. `id` is the same at every attempt, `position` the place in the log of the service."""

    id: str
    subscription: str
    position: int
    type: str
    resource_id: str
    correlation: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes over the wire."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def outgoing(notification: Notification, channel: Channel, secret: str, timestamp: int) -> Outgoing:
    """The request; `timestamp` is real time in seconds since 1970."""
    body = notification.body if channel.payload else b""
    own = [
        ("User-Agent", "Tandem"),
        ("webhook-id", notification.id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signature(secret, notification.id, timestamp, body)),
        ("Tandem-Subscription", notification.subscription),
        ("Tandem-Position", str(notification.position)),
    ]
    if notification.correlation:
        own.append(("X-Correlation-ID", notification.correlation))
    if not channel.payload:
        return Outgoing("POST", channel.endpoint, (*own, *channel.headers), body)
    url = f"{channel.endpoint}/{notification.type}/{notification.resource_id}"
    return Outgoing("PUT", url, (*own, ("Content-Type", JSON), *channel.headers), body)
