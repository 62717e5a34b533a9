"""From the claims of a token whose signature holds to the Caller it stands for."""

from __future__ import annotations

import math
from typing import Any

from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.caller import Caller
from tandem.identity.organisations import organisation_code
from tandem.identity.scopes import parse_scopes

OWN_SYSTEM = "urn:tandem:"
_CHALLENGE = 'Bearer realm="tandem"'


def refusal(text: str, *, kind: Kind = Kind.UNAUTHORIZED) -> FhirError:
    """A 401 about a token that was sent (RFC 6750 section 3.1); `text` is constant and quotes nothing of the token."""
    return FhirError(kind, text, headers={"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'})


def missing_token() -> FhirError:
    """A 401 for a request without a token."""
    text = "A bearer token is needed: send it as Authorization: Bearer <token>"
    return FhirError(Kind.UNAUTHORIZED, text, headers={"WWW-Authenticate": _CHALLENGE})


def check_times(claims: dict[str, Any], now: float, leeway: float) -> float:
    """Check `exp`, `nbf` and `iat` (seconds since 1970) and answer `exp`. Raises FhirError(UNAUTHORIZED or EXPIRED)."""
    expires = _seconds(claims, "exp")
    if expires is None:
        raise refusal("The bearer token has no expiry")
    if now >= expires + leeway:
        raise refusal("The bearer token has expired", kind=Kind.EXPIRED)
    for name in ("nbf", "iat"):
        start = _seconds(claims, name)
        if start is not None and start > now + leeway:
            raise refusal("The bearer token is not valid yet")
    return expires


def check_audience(claims: dict[str, Any], audience: str) -> None:
    """Refuse a token that is meant for someone else. Raises FhirError(UNAUTHORIZED)."""
    named = claims.get("aud")
    if named != audience and not (isinstance(named, list) and audience in named):
        raise refusal("The bearer token is for another audience")


def caller_of(claims: dict[str, Any], token: str, expires: float, *, services: bool, operators: bool) -> Caller:
    """The Caller that the claims name. Raises FhirError(UNAUTHORIZED) when they name no organisation.

    `services` and `operators` say whether this issuer's word counts on who is a service or an operator of ours.
    """
    service = _text(claims, "tandem_service") if services else None
    organisation = f"{OWN_SYSTEM}service|{service}" if service else _organisation(claims)
    user = _text(claims, "fhirUser")
    return Caller(
        organisation=organisation,
        scopes=parse_scopes(_text(claims, "scope") or "", person=user is not None),
        client=_text(claims, "client_id") or _text(claims, "azp") or _text(claims, "sub"),
        user=user,
        role=_text(claims, "role"),
        purpose=_text(claims, "purpose"),
        operator=operators and claims.get("tandem_operator") is True,
        service=service,
        expires=expires,
        token=token,
    )


def _organisation(claims: dict[str, Any]) -> str:
    named = _text(claims, "organisation")
    if named is None:
        raise refusal("The bearer token names no organisation")
    try:
        code = organisation_code(named)
    except ValueError:
        raise refusal("The bearer token names an organisation in a form that is not known") from None
    if code.startswith(OWN_SYSTEM):
        # Our own services write under this system; an organisation of that name would be taken for one of them.
        raise refusal("The bearer token names an organisation in a form that is not known")
    return code


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refusal("The bearer token holds a time that is no number")
    return float(value)


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None
