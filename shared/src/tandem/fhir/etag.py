"""Versions as HTTP sees them: ETag, If-Match, If-None-Match, Last-Modified (http://hl7.org/fhir/R4/http.html#concurrency)."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

from tandem.clock import from_micros
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest
from tandem.fhir.store import Stored

_ETAG = re.compile(r'^(?:W/)?"?([0-9]{1,9})"?$')


def version_headers(version: int, updated: int) -> dict[str, str]:
    """ETag and Last-Modified of a version."""
    moment = from_micros(updated).replace(microsecond=0)
    return {"ETag": f'W/"{version}"', "Last-Modified": format_datetime(moment, usegmt=True)}


def version_asked(request: FhirRequest) -> int:
    """The version that If-Match names. Raises FhirError 400 when it is unreadable or missing."""
    match = _ETAG.match(request.headers.get("if-match", "").strip())
    if match is None:
        raise FhirError(Kind.BAD_REQUEST, 'If-Match must name one version, e.g. W/"2"')
    return int(match[1])


def check_if_match(request: FhirRequest, current: Stored | None) -> None:
    """Raises FhirError 412 when the If-Match header names another version than the current one, 400 when unreadable."""
    if "if-match" not in request.headers:
        return
    wanted = version_asked(request)
    if current is None or current.deleted or current.version != wanted:
        held = "none is held" if current is None or current.deleted else f"the current version is {current.version}"
        raise FhirError(Kind.PRECONDITION_FAILED, f"If-Match names version {wanted}, {held}")


def not_modified(request: FhirRequest, version: int, updated: int) -> bool:
    """Whether a conditional read finds nothing new."""
    known = request.headers.get("if-none-match")
    if known is not None:
        return any(_names(part.strip(), version) for part in known.split(","))
    since = request.headers.get("if-modified-since")
    if since is not None:
        try:
            moment = parsedate_to_datetime(since)
        except (ValueError, TypeError, OverflowError, IndexError):
            return False
        # "-0000" says that the zone is not known, and reads as none.
        return from_micros(updated).replace(microsecond=0) <= (moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return False


def _names(tag: str, version: int) -> bool:
    match = _ETAG.match(tag)
    return tag == "*" or (match is not None and int(match[1]) == version)
