"""What a person is told about a suspected cancer referral, and when that is complete.

000 §6.11 (2020/21 ref3, and every later year: ECD-023, ECD-031) and §6.12 b2.4: why they are referred (ECD-049), why
attending matters (ECD-050), and where to get further support (ECD-051), dated, with its form and who gave it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from tandem.canonical import PATIENT_INFORMATION
from tandem.clock import to_micros
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import parts_of, text_of, with_extension
from tandem.fhir.outcome import Issue
from tandem.identity.periods import bounds

WHY: Final = "why-referred"
ATTENDING: Final = "importance-of-attending"
SUPPORT: Final = "further-support"
PARTS: Final = {
    WHY: "why the person is referred (000 §6.12 b2.4, ECD-049)",
    ATTENDING: "the importance of attending appointments (000 §6.12 b2.4, ECD-050)",
    SUPPORT: "where to get further support (000 §6.12 b2.4, ECD-051)",
}
FORMATS: Final = (
    "spoken", "letter", "leaflet", "electronic", "easy-read", "large-print", "braille", "audio", "sign-language",
    "interpreter", "other-language",
)  # fmt: skip
"""How it was given, also for those who need another form (Accessible Information Standard)."""
_AT: Final = "ServiceRequest.extension"


def information_faults(request: Resource, now: datetime) -> list[Issue]:
    """What is missing or wrong in the information that stands on a request; nothing when it has none."""
    told = parts_of(request, PATIENT_INFORMATION)
    if told is None:
        return []
    faults = [
        Issue(f"patient-information lacks {name}: {meaning}", _AT)
        for name, meaning in PARTS.items() if text_of(told, name) is None
    ]  # fmt: skip
    given = text_of(told, "given")
    if given is None:
        faults.append(Issue("patient-information lacks given: the day on which it was given (ECD-023)", _AT))
    elif _begin(given) > to_micros(now):
        faults.append(Issue("patient-information.given lies in the future: it is recorded once it was given", _AT))
    if text_of(told, "format") not in FORMATS:
        faults.append(Issue(f"patient-information.format is one of {', '.join(FORMATS)}", _AT))
    if not isinstance(next(iter(told.get("by", ())), None), dict):
        faults.append(Issue("patient-information lacks by: a Reference to who gave it", _AT))
    return faults


def is_informed(request: Resource, now: datetime) -> bool:
    """Whether the person was told, wholly."""
    return parts_of(request, PATIENT_INFORMATION) is not None and not information_faults(request, now)


def with_information(
    request: Resource, texts: dict[str, str], given: str, form: str, by: dict[str, Any]
) -> Resource:  # fmt: skip
    """The request with what the person was told; what was recorded before is replaced, the history keeps it."""
    parts: list[tuple[str, str, Any]] = [("given", "DateTime", given), ("format", "Code", form)]
    parts += [(name, "String", texts[name]) for name in PARTS if name in texts]
    return with_extension(request, PATIENT_INFORMATION, [*parts, ("by", "Reference", by)])


def _begin(text: str) -> int:
    try:
        return bounds(text)[0]
    except (ValueError, OverflowError):
        return 0
