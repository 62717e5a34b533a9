"""A suspected recurrence needs minimum data: which cancer there was, when it was treated, and what shows now.

000 §6.11 2020/21 ref1 (ECD-021).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import Parts, text_of
from tandem.fhir.outcome import Issue
from tandem.identity.periods import bounds

_AT = "ServiceRequest.extension"
_RULE = "(000 §6.11 2020/21 ref1, ECD-021)"


def is_recurrence(parts: Parts | None) -> bool:
    """Whether the extension suspected-cancer tells of an earlier cancer."""
    told = parts or {}
    return True in told.get("recurrence", ()) or "previous-cancer" in told or "treated" in told


def recurrence_faults(request: Resource, parts: Parts | None, now: datetime) -> list[Issue]:
    """What is missing of the minimum data; nothing for a referral that tells of no earlier cancer."""
    if not is_recurrence(parts):
        return []
    faults: list[Issue] = []
    if not any(map(_says_something, (parts or {}).get("previous-cancer", ()))):
        faults.append(Issue(f"A suspected recurrence lacks previous-cancer: which cancer there was {_RULE}", _AT))
    treated = text_of(parts, "treated")
    if treated is None:
        faults.append(Issue(f"A suspected recurrence lacks treated: when the earlier cancer was treated {_RULE}", _AT))
    elif _begin(treated) > to_micros(now):
        faults.append(Issue(f"treated lies in the future: it is when the earlier cancer was treated {_RULE}", _AT))
    if not any(map(_says_something, request.get("reasonCode") or ())):
        text = f"A suspected recurrence lacks current symptoms: a reasonCode each {_RULE}"
        faults.append(Issue(text, "ServiceRequest.reasonCode"))
    return faults


def _says_something(concept: Any) -> bool:
    if not isinstance(concept, dict):
        return False
    return bool(str(concept.get("text") or "").strip()) or any(each.get("code") for each in concept.get("coding") or ())


def _begin(text: str) -> int:
    try:
        return bounds(text)[0]
    except (ValueError, OverflowError):
        return 0
