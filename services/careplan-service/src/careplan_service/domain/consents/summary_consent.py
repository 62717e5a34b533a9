"""Consent to share the enriched summary record (003 §2.5 SCR; PCPC-057): what is asked of one.

What one says is a rule of the kernel (`tandem.nhs.summary_consent`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tandem.canonical import CONSENT_CATEGORY
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.identity.carers import CARERS_PART, ENRICHED_SUMMARY, carers_parts, categories_of
from tandem.service import Change

_SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
_ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SOURCE: Final = "003 §2.5 SCR; PCPC-057"
_LIMITS: Final = (
    "action", "actor", "class", "code", "data", "dataPeriod", "provision", "purpose", "securityLabel",
)  # fmt: skip


def consent_is_whole(change: Change) -> Iterator[Issue]:
    """What an active Consent of our categories must say; one that says less could not be kept."""
    consent = change.after
    if consent is None or consent.get("status") != "active":
        return
    categories = categories_of(consent)
    if categories and not _is_privacy(consent):
        yield Issue("A Consent to share has the scope patient-privacy (003 §2.5 SCR)", "Consent.scope")
    if ENRICHED_SUMMARY in categories:
        yield from _summary_faults(consent)
    elif CARERS_PART in categories and not carers_parts(consent):
        text = (
            "Consent to a carer's part names the carer: a provision of type permit or deny with the RelatedPerson as"
            " actor, limited by period, purpose and class at most (003 §2.3 ex7; PCPC-044)"
        )
        yield Issue(text, "Consent.provision")


def _summary_faults(consent: Resource) -> Iterator[Issue]:
    provision = consent.get("provision") or {}
    if provision.get("type") not in ("permit", "deny"):
        text = f"Say what the person answered: provision.type permit (yes) or deny (no) ({_SOURCE})"
        yield Issue(text, "Consent.provision.type")
    if not consent.get("dateTime"):
        yield Issue(f"Say when the person answered: dateTime ({_SOURCE})", "Consent.dateTime")
    for name in _LIMITS:
        if provision.get(name):
            text = (
                f"The enriched summary is shared as a whole or not at all, with all who treat the person; {name} is"
                f" not kept here ({_SOURCE})"
            )
            yield Issue(text, f"Consent.provision.{name}")


def _is_privacy(consent: Resource) -> bool:
    codings = (consent.get("scope") or {}).get("coding") or ()
    return any(coding.get("code") == "patient-privacy" for coding in codings)


def answered_in_plan(
    identity: str, patient: str, response: Resource, agreed: bool, at: str, performer: dict[str, Any] | None
) -> Resource:
    """The Consent that stores the answer given in a plan's QuestionnaireResponse; `at` is when, a FHIR dateTime."""
    return {
        "resourceType": "Consent", "id": identity, "status": "active",
        "scope": {"coding": [{"system": _SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_CATEGORY, "code": ENRICHED_SUMMARY}]}],
        "patient": {"reference": f"Patient/{patient}"}, "dateTime": at,
        **({"performer": [performer]} if performer is not None else {}),
        "sourceReference": {"reference": f"QuestionnaireResponse/{response['id']}"},
        "policyRule": {"coding": [{"system": _ACT_CODE, "code": "OPTIN" if agreed else "OPTOUT"}]},
        "provision": {"type": "permit" if agreed else "deny"},
    }  # fmt: skip
