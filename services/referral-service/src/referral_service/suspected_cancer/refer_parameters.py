"""What `$refer-suspected-cancer` is called with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from referral_service.domain.suspected_cancer.claim import KINDS
from referral_service.domain.suspected_cancer.patient_information import PARTS
from referral_service.domain.suspected_cancer.referral_resource import Said
from tandem.fhir.operation_parameters import flag, long_text, only, optional_text, short_text, texts, today
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.audit_event import organisation_reference
from tandem.identity.periods import bounds

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

TOLD = ("information-given", "information-format", "information-by")
_NAMES = (
    "patient", "performer", "requester", "symptom", "reason", "justification", "cancer-type", "tool", "step",
    "recurrence", "previous-cancer", "treated", "pathway", "elsewhere", "extra-support", "extra-support-performer",
    "identifier", *PARTS, *TOLD,
)  # fmt: skip
OWN_TOOL = "Tandem suspected cancer advice"


@dataclass(frozen=True, slots=True)
class Information:
    """What the person was told; `texts` by part."""

    texts: dict[str, str]
    given: str
    form: str
    by: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters, without patient, performer and requester."""

    symptoms: list[str]
    reasons: list[str]
    said: Said
    pathway: str | None
    support: str | None
    information: Information | None
    identifier: dict[str, Any] | None


def refer_parameters(call: OperationCall) -> Asked:
    """Read strictly; raises FhirError 400."""
    only(call, _NAMES)
    pathway = optional_text(call, "pathway")
    if pathway is not None and pathway not in KINDS:
        raise FhirError(Kind.BAD_REQUEST, f"pathway is one of {', '.join(KINDS)}", expression="pathway")
    identifier = call.one("identifier")
    if identifier is not None and not isinstance(identifier, dict):
        raise FhirError(Kind.BAD_REQUEST, "identifier is an Identifier", expression="identifier")
    told = any(call.one(name) is not None for name in (*PARTS, *TOLD))
    return Asked(
        texts(call, "symptom"), texts(call, "reason"), _said(call), pathway, long_text(call, "extra-support"),
        information_given(call, "information-") if told else None, identifier,
    )  # fmt: skip


def information_given(call: OperationCall, prefix: str = "") -> Information:
    """What the person was told; given today, by the caller, unless it is said. Raises FhirError 400."""
    found = {name: long_text(call, name) for name in PARTS}
    given = moment_text(call, f"{prefix}given") or today(call).isoformat()
    by = call.one(f"{prefix}by") or call.request.caller.user
    reference = {"reference": by} if isinstance(by, str) else by
    if reference is None:
        reference = requester_of(call)
    if not isinstance(reference, dict):
        raise FhirError(Kind.BAD_REQUEST, f"{prefix}by is a Reference", expression=f"{prefix}by")
    form = short_text(call, f"{prefix}format") or ""
    return Information({name: text for name, text in found.items() if text is not None}, given, form, reference)


def requester_of(call: OperationCall) -> dict[str, Any]:
    """Who asks: the caller's organisation."""
    return organisation_reference(call.request.caller.organisation)


def moment_text(call: OperationCall, name: str) -> str | None:
    """A FHIR date or dateTime as it was written. Raises FhirError 400."""
    value = optional_text(call, name)
    if value is None:
        return None
    try:
        bounds(value)
        date.fromisoformat(f"{value}-01-01"[:10])
    except (ValueError, OverflowError):
        raise FhirError(Kind.BAD_REQUEST, f"{name} is a FHIR date or dateTime", expression=name) from None
    return value


def _said(call: OperationCall) -> Said:
    earlier = call.one("previous-cancer")
    if isinstance(earlier, str):
        earlier = {"text": earlier}
    if earlier is not None and not isinstance(earlier, dict):
        raise FhirError(
            Kind.BAD_REQUEST, "previous-cancer is a CodeableConcept or a text", expression="previous-cancer"
        )
    if earlier is not None and "code" in earlier:
        earlier = {"coding": [earlier]}
    return Said(
        long_text(call, "justification"), short_text(call, "cancer-type"), short_text(call, "tool"),
        long_text(call, "elsewhere"), texts(call, "step"), flag(call, "recurrence"), earlier,
        moment_text(call, "treated"),
    )  # fmt: skip
