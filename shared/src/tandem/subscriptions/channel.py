"""The channel of a Subscription: rest-hook over https, or refused (http://hl7.org/fhir/R4/subscription.html#channels)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.fhir.request import JSON

# Nothing that two parsers could read in two ways: no user, no query, no fragment, no backslash, no address in brackets.
_ENDPOINT = re.compile(
    r"https://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*)",
    re.ASCII,
)
_HEADER = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z0-9-]{0,63}): ?(?P<value>[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?)"
)
_OURS = ("x-correlation-id", "x-request-id")
_NOT_OURS_TO_SAY = ("x-forwarded-", "x-real-ip", "x-http-method", "x-original-", "x-rewrite-")
_MOST_HEADERS = 10
_LONGEST_ENDPOINT = 1000
_AT = "Subscription.channel"


@dataclass(frozen=True, slots=True)
class Channel:
    """Where to, and how. `host` is `host` or `host:port`, as hosts are registered; with `payload` records go along."""

    endpoint: str
    host: str
    payload: bool
    headers: tuple[tuple[str, str], ...]


def channel_of(subscription: Resource) -> Channel:
    """The channel of a Subscription without `channel_faults`."""
    channel: dict[str, Any] = subscription["channel"]
    match = _ENDPOINT.fullmatch(channel["endpoint"])
    assert match is not None, "checked when it was written"
    headers = [_HEADER.fullmatch(header) for header in channel.get("header") or ()]
    return Channel(
        channel["endpoint"].rstrip("/"), _name(match), bool(channel.get("payload")),
        tuple((found["name"], found["value"]) for found in headers if found is not None),
    )  # fmt: skip


def channel_faults(subscription: Resource) -> list[Issue]:
    """Every fault of the channel. Texts quote nothing of it: a header may hold a credential."""
    channel = subscription.get("channel")
    channel = channel if isinstance(channel, dict) else {}
    faults = []
    if channel.get("type") != "rest-hook":
        faults.append(Issue("Only rest-hook is offered here", f"{_AT}.type", "not-supported"))
    if channel.get("payload") not in (None, JSON):
        faults.append(Issue(f"The payload is {JSON}, or left out: then only a signal is sent", f"{_AT}.payload"))
    return [*faults, *_endpoint_faults(channel.get("endpoint")), *_header_faults(channel.get("header"))]


def _endpoint_faults(endpoint: Any) -> list[Issue]:
    if not isinstance(endpoint, str) or len(endpoint) > _LONGEST_ENDPOINT or _ENDPOINT.fullmatch(endpoint) is None:
        text = "The endpoint is an address https://host[:port]/path without user, query or fragment"
        return [Issue(text, f"{_AT}.endpoint")]
    return []


def _header_faults(headers: Any) -> list[Issue]:
    given = headers if isinstance(headers, list) else []
    if len(given) > _MOST_HEADERS:
        return [Issue(f"There may be {_MOST_HEADERS} headers", f"{_AT}.header")]
    text = "A header is Authorization: value, or X-Name: value with a name that Tandem and proxies do not use"
    return [Issue(text, f"{_AT}.header[{place}]") for place, header in enumerate(given) if not _may_send(header)]


def _may_send(header: Any) -> bool:
    match = _HEADER.fullmatch(header) if isinstance(header, str) else None
    if match is None:
        return False
    name = match["name"].lower()
    return name == "authorization" or (
        name.startswith("x-") and name not in _OURS and not name.startswith(_NOT_OURS_TO_SAY)
    )


def _name(match: re.Match[str]) -> str:
    port = match["port"]
    return match["host"].lower() + (f":{port}" if port not in (None, "443") else "")
