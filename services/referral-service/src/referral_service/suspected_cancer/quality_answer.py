"""How a suspected cancer referral stands: why, how urgent, along which pathway, what was told, what support came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from referral_service.domain.suspected_cancer.patient_information import PARTS, information_faults
from referral_service.domain.suspected_cancer.recurrence import is_recurrence
from referral_service.loops.loop_rows import loop_of
from referral_service.suspected_cancer.referral_rows import JudgedReferral, judged_referral
from tandem.canonical import EXTRA_SUPPORT, PATIENT_INFORMATION, SUSPECTED_CANCER
from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.extension_parts import parts_of, text_of, texts_of
from tandem.fhir.parameters_answer import Parameter, coded, parts, reference, text, yes
from tandem.nhs.shipped_referral_kinds import kind_of


async def quality_of(connection: Connection, request: Resource, now: datetime) -> list[Parameter]:
    """Of a referral that the caller may see. What stands on it goes before what was judged beside it."""
    held = await judged_referral(connection, str(request["id"]))
    kind = kind_of(request)
    return [
        reference("referral", f"ServiceRequest/{request['id']}"),
        *([coded("kind", kind.code)] if kind is not None else []),
        coded("status", str(request.get("status"))),
        *_why(request, held),
        *_recurrence(request),
        *_information(request, now),
        *await _support(connection, request, held),
    ]


def _why(request: Resource, held: JudgedReferral | None) -> list[Parameter]:
    said, told = parts_of(request, SUSPECTED_CANCER), held.told if held is not None else {}
    found = [
        parts("criterion", [
            coded("id", each["id"]), coded("site", each["site"]), text("text", each["text"]),
            text("recommendation", each["recommendation"]),
        ])
        for each in told.get("criteria", ())
    ]  # fmt: skip
    kept: Iterable[tuple[str, str | None]] = (
        ("guideline", told.get("guideline")), ("urgency", text_of(said, "urgency") or told.get("urgency")),
        ("justification", text_of(said, "justification")),
        ("cancer-type", text_of(said, "cancer-type") or told.get("cancerType")),
        ("protocol", told.get("protocol")), ("tool", text_of(said, "tool")),
        ("routing", text_of(said, "routing") or told.get("routing")), ("offered-pathway", told.get("offered")),
    )  # fmt: skip
    steps = [coded("step", each) for each in texts_of(said, "step")]
    return [*found, *(text(name, value) for name, value in kept if value), *steps]


def _recurrence(request: Resource) -> list[Parameter]:
    said = parts_of(request, SUSPECTED_CANCER)
    if said is None or not is_recurrence(said):
        return []
    inner: list[Parameter] = [
        {"name": "previous-cancer", "valueCodeableConcept": each} for each in said.get("previous-cancer", ())
    ]
    treated = text_of(said, "treated")
    return [parts("recurrence", [*inner, *([text("treated", treated)] if treated else [])])]


def _information(request: Resource, now: datetime) -> list[Parameter]:
    told = parts_of(request, PATIENT_INFORMATION)
    found: list[Parameter] = [yes("informed", told is not None and not information_faults(request, now))]
    if told is None:
        return found
    inner = [text(name, value) for name in ("given", "format", *PARTS) if (value := text_of(told, name))]
    inner += [{"name": "by", "valueReference": each} for each in told.get("by", ()) if isinstance(each, dict)]
    return [*found, parts("patient-information", inner)]


async def _support(connection: Connection, request: Resource, held: JudgedReferral | None) -> list[Parameter]:
    if held is None or held.support is None:
        return []
    inner = [reference("request", f"ServiceRequest/{held.support}")]
    need = text_of(parts_of(request, EXTRA_SUPPORT), "need")
    loop = await loop_of(connection, held.support)
    said = [("need", need)]
    if loop is not None:
        said += [
            ("status", loop.request_status), ("state", loop.stands), ("outcome", loop.outcome),
            ("reason", loop.reason), ("reply", loop.reply),
        ]  # fmt: skip
    return [parts("extra-support", [*inner, *(text(name, value) for name, value in said if value)])]
