"""`Composition/$enriched-summary`: the enriched summary care record of a person who consented to it (003 §2.5 SCR)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.enriched_summary.document import summary_document
from careplan_service.domain.enriched_summary.sections import sections_of
from careplan_service.enriched_summary.right_to_read import NAME, person_to_read
from careplan_service.enriched_summary.summary_facts import summary_facts
from tandem.clock import to_instant, to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.body import encode
from tandem.fhir.operation_parameters import only
from tandem.fhir.request import FhirResponse

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def enriched_summary(call: OperationCall) -> FhirResponse:
    """A Bundle of type document. Parameter `patient`: `Patient/1`, or the NHS number as `system|value` (in a POST).

    Raises FhirError 400, 403 (see `right_to_read`), 404.
    """
    only(call, ("patient",))
    kernel = call.kernel
    patient = await person_to_read(call, call.one("patient"))
    known = await summary_facts(call, patient)
    # Reading takes as long as its owners do; what the person took back meanwhile is not given out.
    patient = await person_to_read(call, call.one("patient"))
    now = kernel.clock.now()
    # Before it is given out, so that no summary goes without its trace.
    await audit_reads(kernel.database, call.request, NAME, "Composition", {patient}, to_micros(now))
    person = next(iter(known.of("Patient")), None)
    names = (kernel.ids.new(), kernel.ids.new())
    document = summary_document(sections_of(known), patient, person, to_instant(now), names, kernel.base)
    return FhirResponse(200, encode(document))
