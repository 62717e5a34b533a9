"""Links to the next and the previous page: a place in the order, signed.

The signature binds the place to the query and to the caller's organisation, so a link cannot be altered, put to
another search, or used by somebody else. It holds no state: a restarted server with the same secret takes it.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import DecodeError
from msgspec.json import Decoder, Encoder

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.ordering import KeyValue
from tandem.identity.rotated_secret import Secret, accepted, signing

PAGE = "_page"
"""The name under which a link carries its token."""
Direction = Literal["next", "previous"]
_encode = Encoder().encode
_decode = Decoder(tuple[Direction, list[KeyValue]]).decode


@dataclass(frozen=True, slots=True)
class PageToken:
    """A place in the order of a search (its sort values and key) and where to go from there."""

    direction: Direction
    place: tuple[KeyValue, ...]


def sign(secret: Secret, query: str, organisation: str, place: Sequence[KeyValue], direction: Direction) -> str:
    """A URL-safe token. `query` is the query string of the `self` link, type included."""
    payload = _encode((direction, list(place)))
    return f"{_text(payload)}.{_text(_signature(signing(secret), query, organisation, payload))}"


def verify(secret: Secret, token: str, query: str, organisation: str) -> PageToken:
    """The token's content. Raises FhirError(BAD_REQUEST) unless we gave it for this query and organisation."""
    try:
        payload, signature = (_bytes(part) for part in token.split("."))
    except ValueError:
        raise _refused() from None
    if not accepted(
        secret, lambda each: hmac.compare_digest(signature, _signature(each, query, organisation, payload))
    ):
        raise _refused()
    try:
        direction, place = _decode(payload)
    except DecodeError:
        raise _refused() from None
    return PageToken(direction, tuple(place))


def without_page(pairs: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], str | None]:
    """A request's pairs apart from its page token. Raises FhirError(BAD_REQUEST) when there are two tokens."""
    tokens = [text for name, text in pairs if name == PAGE]
    if len(tokens) > 1:
        raise _refused()
    return [pair for pair in pairs if pair[0] != PAGE], tokens[0] if tokens else None


def _signature(secret: bytes, query: str, organisation: str, payload: bytes) -> bytes:
    key = hmac.new(secret, b"tandem search page", hashlib.sha256).digest()
    # Each part goes in with its length, so that no two triples read the same.
    parts = (query.encode(), organisation.encode(), payload)
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(key, message, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(raw) != text:
        raise ValueError("not in its own form")
    return raw


def _refused() -> FhirError:
    return FhirError(Kind.BAD_REQUEST, "The page link is not one that was given for this search", expression=PAGE)
