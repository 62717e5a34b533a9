"""When an invitation counts as sent, and what stays as it was from then on (SMR-033)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mdt_service.domain.invitations.codes import (
    CATEGORY_SYSTEM,
    INVITATION,
    LETTER_ATTENTION,
    LETTER_COVERS,
    REQUIRED_SUBJECTS,
)
from tandem.clock import to_instant, to_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.periods import bounds
from tandem.service import Change

_KEPT = ("category", "subject", "about", "sent", "payload")


def is_invitation(communication: Resource | None) -> bool:
    """Whether a Communication is an invitation to care."""
    categories = (communication or {}).get("category") or ()
    codings = [coding for each in categories for coding in each.get("coding") or ()]
    return any(each.get("system") == CATEGORY_SYSTEM and each.get("code") == INVITATION for each in codings)


def invitation_is_sent_in_writing(change: Change) -> Iterator[Issue]:
    """An invitation that is completed was sent, on a day that has been, and tells what it is for and what will happen.

    What was sent stays on record with its date; it may only be taken back as entered in error.
    """
    before, after = change.before, change.after
    if after is not None and is_invitation(before) and before is not None and before.get("status") == "completed":
        yield from _stays_as_sent(before, after)
    elif after is not None and is_invitation(after) and after.get("status") == "completed":
        yield from _is_complete(after, change.now)


def sent(communication: Resource, when: datetime, settled: str | None) -> Resource:
    """The invitation as it stands once it was sent; `settled` says how what needed attention was dealt with."""
    extensions = [_settled(each, settled) for each in communication.get("extension") or ()]
    made = {**communication, "status": "completed", "sent": to_instant(when), "extension": extensions}
    made.pop("statusReason", None)
    if not extensions:
        del made["extension"]
    return made


def _stays_as_sent(before: Resource, after: Resource) -> Iterator[Issue]:
    if after.get("status") == "entered-in-error":
        return
    if after.get("status") != "completed":
        yield Issue("An invitation that was sent can only be taken back as entered-in-error", "Communication.status")
    for name in _KEPT:
        if before.get(name) != after.get(name):
            yield Issue(f"{name} of an invitation that was sent stays as it was sent", f"Communication.{name}")


def _is_complete(after: Resource, now: datetime) -> Iterator[Issue]:
    when = after.get("sent")
    if when is None:
        yield Issue("An invitation is completed when it was sent: say when", "Communication.sent")
    elif bounds(str(when))[0] > to_micros(now):
        yield Issue("An invitation was sent at a time that has been", "Communication.sent")
    if not any(_is_written(each) for each in after.get("payload") or ()):
        yield Issue(
            "Nobody is invited without a written communication: payload holds what was written", "Communication.payload"
        )
    told = {each.get("valueCode") for each in after.get("extension") or () if each.get("url") == LETTER_COVERS}
    for subject in REQUIRED_SUBJECTS:
        if subject not in told:
            yield Issue(
                f"A written invitation tells the {subject} of the appointment: it has letter-covers {subject}",
                "Communication.extension",
            )
    if any(_needs_attention(each) for each in after.get("extension") or ()):
        yield Issue(
            "Something about this letter must be dealt with first; say how in `settled` of letter-attention",
            "Communication.extension",
        )


def _is_written(payload: dict[str, Any]) -> bool:
    attachment = payload.get("contentAttachment") or {}
    return bool(str(payload.get("contentString") or "").strip() or (attachment.get("data") or ""))


def _needs_attention(extension: dict[str, Any]) -> bool:
    parts = {each.get("url"): each.get("valueString") for each in extension.get("extension") or ()}
    return extension.get("url") == LETTER_ATTENTION and not str(parts.get("settled") or "").strip()


def _settled(extension: dict[str, Any], how: str | None) -> dict[str, Any]:
    if how is None or not _needs_attention(extension):
        return extension
    parts = [each for each in extension["extension"] if each.get("url") != "settled"]
    return {**extension, "extension": [*parts, {"url": "settled", "valueString": how}]}
