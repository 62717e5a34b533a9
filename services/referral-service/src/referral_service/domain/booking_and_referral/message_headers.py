"""The HTTP headers of a message: who sends it, with which software, to which service.

BaRS core, headers: X-Request-ID and X-Correlation-ID are UUIDs; NHSD-End-User-Organisation, NHSD-Requesting-Software
and NHSD-Target-Identifier are base64 of a JSON object; NHSD-Requesting-Practitioner is given when it is known.
`use-context` is for statistics and ignored.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from referral_service.domain.booking_and_referral.codes import VERSIONS
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code

_LONGEST = 8192
_VERSION = re.compile(r"version\s*=\s*\"?(\d+)(?:\.\d+)*")


@dataclass(frozen=True, slots=True)
class MessageEnvelope:
    """What the headers say. `sender` is an organisation's code; `target` is (system, value) of the service."""

    request_id: str
    sender: str
    target: tuple[str, str]


def read_envelope(headers: Mapping[str, str], unnamed: Collection[str]) -> tuple[MessageEnvelope | None, list[Issue]]:
    """The envelope, or every fault of it. `headers` by small letters; `unnamed` are those that the sender left out."""
    faults: list[Issue] = []
    for name in ("X-Request-ID", "X-Correlation-ID"):
        given = headers.get(name.lower()) if name.lower() not in unnamed else None
        if given is None:
            faults.append(_missing(name))
        elif not _is_uuid(given):
            faults.append(Issue(f"{name} is a UUID", f"http.{name.lower()}", "value"))
    organisation = _decoded(headers, "NHSD-End-User-Organisation", faults)
    _decoded(headers, "NHSD-Requesting-Software", faults)
    _decoded(headers, "NHSD-Requesting-Practitioner", faults, required=False)
    target = _decoded(headers, "NHSD-Target-Identifier", faults)
    sender = _code(organisation) if organisation is not None else None
    if organisation is not None and sender is None:
        text = "NHSD-End-User-Organisation names no organisation: its identifier has a system and a value"
        faults.append(Issue(text, "http.nhsd-end-user-organisation", "value"))
    named = _identifier(target) if target is not None else None
    if target is not None and named is None:
        text = "NHSD-Target-Identifier is an object with the texts system and value"
        faults.append(Issue(text, "http.nhsd-target-identifier", "structure"))
    if faults or sender is None or named is None:
        return None, faults
    return MessageEnvelope(headers["x-request-id"].lower(), sender, named), []


def version_is_taken(accept: str) -> bool:
    """Whether the version that `Accept: application/fhir+json; version=1.4.0` asks for, if any, is spoken here."""
    found = _VERSION.search(accept)
    return found is None or found[1] in VERSIONS


def _missing(name: str) -> Issue:
    return Issue(f"The header {name} is missing", f"http.{name.lower()}", "required")


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _decoded(
    headers: Mapping[str, str], name: str, faults: list[Issue], *, required: bool = True
) -> dict[str, Any] | None:
    given = headers.get(name.lower())
    if not given:
        if required:
            faults.append(_missing(name))
        return None
    try:
        raw = base64.b64decode(given[: _LONGEST + 1].replace("-", "+").replace("_", "/"), validate=True)
        value = json.loads(raw) if len(given) <= _LONGEST else None
    except (binascii.Error, ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        faults.append(Issue(f"{name} is base64 of a JSON object", f"http.{name.lower()}", "structure"))
        return None
    return value


def _code(organisation: dict[str, Any]) -> str | None:
    identifiers = organisation.get("identifier")
    for each in identifiers if isinstance(identifiers, list) else [identifiers]:
        if isinstance(each, dict) and (named := _identifier(each)) is not None:
            system, value = named
            return reference_code({"identifier": {"system": system, "value": value}})
    return None


def _identifier(given: dict[str, Any]) -> tuple[str, str] | None:
    system, value = given.get("system"), given.get("value")
    if not isinstance(system, str) or not isinstance(value, str) or not system.strip() or not value.strip():
        return None
    # A JSON text may hold null characters and halves of surrogate pairs, which no database takes.
    if not system.isprintable() or not value.isprintable():
        return None
    return system.strip(), value.strip()
