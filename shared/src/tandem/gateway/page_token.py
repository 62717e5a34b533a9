"""The token of a page that is merged from several services: how far each of them has been read, signed.

The signature binds it to the request it continues and to the caller's organisation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import msgspec

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.paging import PAGE
from tandem.identity.rotated_secret import Secret, accepted, signing

_LENGTH = 16


class Position(msgspec.Struct, array_like=True):
    """How far one service has been read: its own query, and the last entries already shown of the page it gives.

    `query` is None when there is no more of it.
    """

    query: str | None
    shown: list[str] = []


class MergedPage(msgspec.Struct, array_like=True):
    """Where each service stands, the total when it is known, and the place of the last entry shown, if kept."""

    positions: dict[str, Position]
    total: int | None = None
    last: tuple[int | str, ...] | None = None


def seal(secret: Secret, page: MergedPage, request: str, organisation: str) -> str:
    """A URL-safe token. `request` is the path and query that the page continues."""
    payload = msgspec.msgpack.encode(page)
    return _text(_signature(signing(secret), payload, request, organisation) + payload)


def unseal(secret: Secret, token: str, request: str, organisation: str) -> MergedPage:
    """What was sealed. Raises FhirError 400 for a token that was not given for this request and organisation."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        signature, payload = raw[:_LENGTH], raw[_LENGTH:]
        if not accepted(
            secret, lambda each: hmac.compare_digest(signature, _signature(each, payload, request, organisation))
        ):
            raise ValueError("not ours")
        return msgspec.msgpack.decode(payload, type=MergedPage)
    except (ValueError, msgspec.MsgspecError):
        text = "The page link is not one that was given for this request"
        raise FhirError(Kind.BAD_REQUEST, text, expression=PAGE) from None


def _signature(secret: bytes, payload: bytes, request: str, organisation: str) -> bytes:
    key = hmac.new(secret, b"tandem merged page", hashlib.sha256).digest()
    parts = (payload, request.encode(), organisation.encode())
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(key, message, hashlib.sha256).digest()[:_LENGTH]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
