"""A message: a Bundle whose first entry is a MessageHeader that says what happened to which ServiceRequest.

http://hl7.org/fhir/R4/messaging.html and BaRS, `BARSBundleMessage`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from referral_service.domain.booking_and_referral.codes import (
    ACTIVE,
    DELETE,
    EVENT_SYSTEM,
    EVENT_SYSTEMS,
    EVENTS,
    NEW,
    OTHER_EVENTS,
    REASON_SYSTEM,
    REASON_SYSTEMS,
    REASONS,
    REQUEST,
    UPDATE,
    WITHDRAWN,
)
from referral_service.domain.booking_and_referral.message_entries import MessageEntries
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind

_SOURCE = "BaRS, MessageHeader and focus"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
"""http://hl7.org/fhir/R4/datatypes.html#id"""


@dataclass(frozen=True, slots=True)
class Message:
    """`header` and `request` (the focus) are entries of the Bundle; `event` and `reason` are codes of the standard."""

    header: Resource
    request: Resource
    event: str
    reason: str
    entries: MessageEntries

    @property
    def id(self) -> str:
        """MessageHeader.id, by which the sender knows its message."""
        return str(self.header["id"])

    @property
    def cancels(self) -> bool:
        """Whether it takes the referral back."""
        return self.request.get("status") in WITHDRAWN


def read_message(bundle: Any) -> Message:
    """The message. Raises FhirError 400 for what is no such message or not taken here, 422 for one whose header and
    focus disagree."""
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle" or bundle.get("type") != "message":
        raise FhirError(Kind.BAD_REQUEST, "$process-message takes a Bundle of type message", expression="Bundle.type")
    entries = MessageEntries.of(bundle)
    header = entries.first
    if header is None or header["resourceType"] != "MessageHeader":
        text = "The first entry of a message is its MessageHeader"
        raise FhirError(Kind.BAD_REQUEST, text, expression="Bundle.entry[0].resource")
    if not isinstance(header.get("id"), str) or _ID.fullmatch(header["id"]) is None:
        text = "MessageHeader.id is missing, or no identifier of 64 letters, digits, - and . at most"
        raise FhirError(Kind.BAD_REQUEST, text, expression="MessageHeader.id")
    event, reason = _event(header), _reason(header)
    request = _focus(header, entries)
    faults = list(_disagreements(event, reason, request))
    if faults:
        raise FhirError(Kind.UNPROCESSABLE, issues=faults)
    return Message(header, request, event, reason, entries)


def _event(header: Resource) -> str:
    coding = header.get("eventCoding")
    known = isinstance(coding, dict) and str(coding.get("system")).startswith(EVENT_SYSTEMS)
    code = coding.get("code") if isinstance(coding, dict) and known else None
    if code in OTHER_EVENTS:
        text = f"{code} is not taken here: book through Slot and Appointment. Taken are {', '.join(EVENTS)}"
        raise FhirError(Kind.BAD_REQUEST, issues=[Issue(text, "MessageHeader.eventCoding", "not-supported")])
    if code not in EVENTS:
        text = f"MessageHeader.eventCoding is {' or '.join(EVENTS)} of {EVENT_SYSTEM}"
        raise FhirError(Kind.BAD_REQUEST, issues=[Issue(text, "MessageHeader.eventCoding", "value")])
    return str(code)


def _reason(header: Resource) -> str:
    concept = header.get("reason")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in codings if isinstance(codings, list) else []:
        known = isinstance(coding, dict) and str(coding.get("system")).startswith(REASON_SYSTEMS)
        if known and coding.get("code") in REASONS:
            return str(coding["code"])
    text = f"MessageHeader.reason is {', '.join(REASONS)} of {REASON_SYSTEM}"
    raise FhirError(Kind.BAD_REQUEST, issues=[Issue(text, "MessageHeader.reason", "value")])


def _focus(header: Resource, entries: MessageEntries) -> Resource:
    focus = header.get("focus")
    named = [each for each in focus if isinstance(each, dict)] if isinstance(focus, list) else []
    found = [entries.target(each) for each in named]
    requests = [each for each in found if each is not None and each["resourceType"] == "ServiceRequest"]
    if len(named) != 1 or len(requests) != 1:
        text = f"MessageHeader.focus names the one ServiceRequest that the message is about, an entry of it ({_SOURCE})"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="MessageHeader.focus")
    return requests[0]


def _disagreements(event: str, reason: str, request: Resource) -> list[Issue]:
    """Where the header says one thing and the ServiceRequest another."""
    status, place = request.get("status"), "MessageHeader.reason"
    if event != REQUEST:
        return []
    if status not in (ACTIVE, *WITHDRAWN):
        text = f"The status of a ServiceRequest in a message is {', '.join((ACTIVE, *WITHDRAWN))} ({_SOURCE})"
        return [Issue(text, "ServiceRequest.status", "value")]
    if reason == NEW and status != ACTIVE:
        text = f"The header says new, and the ServiceRequest is {status}: a cancellation has the reason {UPDATE}"
        return [Issue(f"{text} ({_SOURCE})", place, "business-rule")]
    if reason == DELETE and status == ACTIVE:
        text = "The header says delete, and the ServiceRequest is active"
        return [Issue(f"{text} ({_SOURCE})", place, "business-rule")]
    return []
