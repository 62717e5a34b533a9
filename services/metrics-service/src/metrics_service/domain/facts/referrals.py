"""Referrals: what was asked for, for whom it is, and where it came from.

http://hl7.org/fhir/R4/servicerequest.html. Which requests are referrals, and of which kind, is a rule of the kernel
(tandem.nhs.referral_kind); docs/referrals.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.codings import coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import (
    OFFER_ANSWER,
    PATIENT_INFORMATION,
    REFERRAL_ENDED,
    REQUEST_STATUS_REASON,
    SUSPECTED_CANCER,
)
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.fhir.codings import codings_of
from tandem.fhir.extension_parts import parts_of, text_of
from tandem.identity.organisations import kind_by_form, reference_code
from tandem.nhs.referral_source import source_of
from tandem.nhs.shipped_referral_kinds import kind_of

CANCER_KINDS: Final = ("urgent-suspected-cancer", "rapid-diagnostic-centre", "pre-referral-investigation")
_ASKS_NOTHING: Final = ("proposal", "plan", "option")
_INFORMED: Final = ("given", "why-referred", "importance-of-attending", "further-support")
"""000 §6.12 b2.4: without one of these the person was not told what is to be told."""


def read_referral(request: Resource, event: Event) -> Iterable[Fact]:
    """A referral that was sent: `category` its kind, `organisation` who asks, `place` who is asked.

    `detail` is the type of cancer of a cancer referral, and of any other where it came from (002, PC-063). One that
    gave way to another request is not counted: that one is.
    """
    kind = kind_of(request)
    if kind is None and not _of_a_plan(request):
        return
    if not _was_sent(request) or _gave_way(request):
        return
    category = "other" if kind is None else kind.code
    requester = reference_code(request.get("requester"))
    asked = (reference_code(each) for each in request.get("performer") or ())
    yield Fact(
        "cancer-concern" if category == "cancer-concern" else "referral",
        given_day(request.get("authoredOn")),
        status=request.get("status"),
        category=category,
        detail=_cancer_type(request) if category in CANCER_KINDS else _source(request, requester),
        codings=coding_texts(request.get("code"), *(request.get("category") or ()), *(request.get("reasonCode") or ())),
        organisation=requester,
        place=next((code for code in asked if code is not None), None),
        group=_group(request),
    )


def read_cancer_information(request: Resource, event: Event) -> Iterable[Fact]:
    """What the person was told of a cancer referral, when all of it was (000 §6.11 2023/24 ref2, ECD-039)."""
    told = parts_of(request, PATIENT_INFORMATION)
    if told is None or any(text_of(told, name) is None for name in _INFORMED):
        return
    yield Fact(
        "cancer-information", given_day(text_of(told, "given")), category=text_of(told, "format"),
        group=_group(request),
    )  # fmt: skip


def read_declined_offer(request: Resource, event: Event) -> Iterable[Fact]:
    """An offer that the person declined: it counts and is no failure (000 §4.13 m8, AC-078)."""
    answer, kind = parts_of(request, OFFER_ANSWER), kind_of(request)
    if kind is None or text_of(answer, "answer") != "declined":
        return
    yield Fact(
        "referral-declined", given_day(text_of(answer, "on")), category=kind.code,
        organisation=reference_code(request.get("requester")), group=_group(request),
    )  # fmt: skip


def _was_sent(request: Resource) -> bool:
    return (
        request.get("status") not in (None, "draft", "unknown")
        and request.get("intent") not in _ASKS_NOTHING
        and request.get("doNotPerform") is not True
    )


def _gave_way(request: Resource) -> bool:
    concepts = (
        each.get("valueCodeableConcept")
        for each in request.get("extension") or () if each.get("url") == REQUEST_STATUS_REASON
    )  # fmt: skip
    return any(system == REFERRAL_ENDED for system, _, _ in codings_of(*concepts))


def _of_a_plan(request: Resource) -> bool:
    return any(str(each.get("reference") or "").startswith("CarePlan/") for each in request.get("basedOn") or ())


def _cancer_type(request: Resource) -> str | None:
    return text_of(parts_of(request, SUSPECTED_CANCER), "cancer-type")


def _source(request: Resource, requester: str | None) -> str | None:
    known = requester is not None and not requester.startswith("Organization/")
    return source_of(request, kind_by_form(str(requester)) if known else None)


def _group(request: Resource) -> str:
    return f"ServiceRequest/{request.get('id')}"
