"""Who a referral came from: the engagement asked to count social prescribing that no GP asked for (002; PC-063)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tandem.canonical import REFERRAL_SOURCE, SOURCE_OF_REQUEST
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import PRACTICE

GP: Final = "gp"
HOSPITAL: Final = "hospital"
OTHER_PROFESSIONAL: Final = "other-professional"
SELF: Final = "self"
SOURCES: Final = (GP, HOSPITAL, OTHER_PROFESSIONAL, SELF)
_BY_KIND: Final = {PRACTICE: GP, "acute-trust": HOSPITAL}


def told_source(request: Resource) -> str | None:
    """The source that the request itself gives."""
    codes = [coding.get("code") for coding in _codings(request)]
    return next((str(code) for code in codes if code in SOURCES), None)


def source_of(request: Resource, requester_kind: str | None) -> str:
    """The source: as told, else by who asks. `requester_kind` is the kind of the organisation that asks."""
    told = told_source(request)
    if told is not None:
        return told
    literal = str((request.get("requester") or {}).get("reference") or "")
    if literal.startswith(("Patient/", "RelatedPerson/")):
        return SELF
    return _BY_KIND.get(requester_kind or "", OTHER_PROFESSIONAL)


def source_is_known(request: Resource) -> Iterator[Issue]:
    """A source that is told by our code system is one of its codes."""
    if any(coding.get("code") not in SOURCES for coding in _codings(request)):
        yield Issue(f"{REFERRAL_SOURCE} has no such code; there are {', '.join(SOURCES)}", "ServiceRequest.extension")


def _codings(request: Resource) -> list[dict[str, Any]]:
    return [
        coding
        for each in request.get("extension") or () if each.get("url") == SOURCE_OF_REQUEST
        for coding in (each.get("valueCodeableConcept") or {}).get("coding") or ()
        if coding.get("system") == REFERRAL_SOURCE
    ]  # fmt: skip
