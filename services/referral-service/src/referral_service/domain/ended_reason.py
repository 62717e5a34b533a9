"""Why a request was taken back: a code and words in the standard extension for it.

R4 has no ServiceRequest.statusReason; http://hl7.org/fhir/R4/extension-request-statusreason.html stands for it.
"""

from __future__ import annotations

from typing import Any, Final

from referral_service.domain.referral_loop import words_of
from tandem.canonical import REFERRAL_ENDED, REQUEST_STATUS_REASON
from tandem.fhir.body import Resource

STATUS_REASON: Final = REQUEST_STATUS_REASON
REDIRECTED: Final = "redirected"
REPLACED: Final = "replaced"
_DISPLAY: Final = {
    REDIRECTED: "Another organisation is asked instead",
    REPLACED: "Another request took its place",
}


def with_reason(request: Resource, code: str, text: str | None) -> Resource:
    """The request revoked for a reason; an earlier reason gives way."""
    coding = {"system": REFERRAL_ENDED, "code": code, "display": _DISPLAY[code]}
    reason = {"url": STATUS_REASON, "valueCodeableConcept": {"coding": [coding], "text": text or _DISPLAY[code]}}
    return {**request, "status": "revoked", "extension": [*without_reason(request).get("extension", ()), reason]}


def without_reason(request: Resource) -> Resource:
    """The request without a reason why it ended."""
    kept = [each for each in request.get("extension") or () if each.get("url") != STATUS_REASON]
    bare = {name: value for name, value in request.items() if name != "extension"}
    return {**bare, "extension": kept} if kept else bare


def reason_of(request: Resource) -> tuple[str | None, str | None]:
    """The code of REFERRAL_ENDED and the words that a request gives for its end."""
    concept: dict[str, Any] = next(
        (each.get("valueCodeableConcept") or {} for each in request.get("extension") or ()
         if each.get("url") == STATUS_REASON), {},
    )  # fmt: skip
    codes = (each.get("code") for each in concept.get("coding") or () if each.get("system") == REFERRAL_ENDED)
    return next(codes, None), words_of(concept)
