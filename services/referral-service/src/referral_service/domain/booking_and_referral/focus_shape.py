"""The shape of a message's ServiceRequest, for validation before anything is read from it."""

from __future__ import annotations

from typing import Any

from tandem.fhir.body import Resource

_UNREAD = ("meta", "text", "contained")
_SOME_ENTRY = "urn:uuid:00000000-0000-0000-0000-000000000000"


def focus_shape(request: Resource) -> Resource:
    """The ServiceRequest without what is not taken over. Senders name entries in ways that R4 does not know
    (`message_entries`), so each Reference names one in its way."""
    return {name: _referring(value) for name, value in request.items() if name not in _UNREAD}


def _referring(value: Any) -> Any:
    if isinstance(value, list):
        return [_referring(each) for each in value]
    if not isinstance(value, dict):
        return value
    shape = {name: _referring(each) for name, each in value.items()}
    return {**shape, "reference": _SOME_ENTRY} if isinstance(value.get("reference"), str) else shape
