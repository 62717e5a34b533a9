"""`CarePlan/{id}/$shared-plan` and `CarePlan/{id}/$crisis-view`: a document, as a Bundle, a page or a PDF."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from careplan_service.domain.plan_document.composition import document_bundle, document_html, document_pdf
from careplan_service.domain.plan_document.document import PlanDocument, crisis_document, shared_plan_document
from careplan_service.domain.plan_document.known import Known
from careplan_service.plan_document.known_plan import known_plan
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import encode
from tandem.fhir.media_types import HTML, PDF, chosen_media_type
from tandem.fhir.operation_parameters import only
from tandem.fhir.request import JSON, FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_FORMS = (JSON, HTML, PDF)
SHARED_PLAN, CRISIS_VIEW = "shared-plan", "crisis-view"


async def shared_plan(call: OperationCall) -> FhirResponse:
    """The whole plan, the most important first.

    Answers a Bundle of type document, or the same as HTML or PDF by `_format` or Accept. Raises FhirError 404, 406, and
    422 for a CarePlan that is no shared plan.
    """
    return await _document(call, SHARED_PLAN, shared_plan_document)


async def crisis_view(call: OperationCall) -> FhirResponse:
    """One page for a crisis: wishes, what to do step by step, who to call (PCPC-071). Forms and errors as above."""
    return await _document(call, CRISIS_VIEW, crisis_document)


async def _document(call: OperationCall, name: str, making: Callable[[Known], PlanDocument]) -> FhirResponse:
    only(call, ())
    wanted = chosen_media_type(call.request, _FORMS)
    known = await known_plan(call)
    document = making(known)
    kernel = call.kernel
    patient = str(known.plan["subject"]["reference"]).removeprefix("Patient/")
    await audit_reads(
        kernel.database, call.request, f"${name}", "CarePlan", {patient}, to_micros(known.now), resource_id=call.id
    )
    if wanted == HTML:
        return FhirResponse(200, document_html(document).encode(), content_type=f"{HTML}; charset=utf-8")
    if wanted == PDF:
        # setting type takes long enough for others to wait
        made = await asyncio.to_thread(document_pdf, known, document)
        return FhirResponse(200, made, content_type=PDF)
    return FhirResponse(200, encode(document_bundle(known, document, name, kernel.base)))
