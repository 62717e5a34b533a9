"""The enriched summary as a FHIR document: http://hl7.org/fhir/R4/documents.html."""

from __future__ import annotations

from careplan_service.domain.enriched_summary.section import Section, reference_of
from tandem.canonical import SERVICE_NAME
from tandem.fhir.body import Resource

_IDENTIFYING = (
    "resourceType", "id", "meta", "identifier", "name", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime",
    "communication", "generalPractitioner",
)  # fmt: skip


def summary_document(
    sections: list[Section], patient: str, person: Resource | None, at: str, names: tuple[str, str], base: str
) -> Resource:
    """A Bundle of type document: the Composition, the person (without address and telephone), and every record that a
    section tells of, once. `at` is an instant, `names` are fresh ids of Bundle and Composition."""
    bundle, composition = names
    head: Resource = {
        "resourceType": "Composition", "id": composition, "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": f"Patient/{patient}"}, "date": at, "title": "Enriched summary care record",
        "author": [{"identifier": {"system": SERVICE_NAME, "value": "careplan-service"}}],
        "section": [each.resource() for each in sections],
    }  # fmt: skip
    known = {name: person[name] for name in _IDENTIFYING if name in person} if person is not None else None
    records = {reference_of(record): record for each in sections for record in each.records()}
    entries = [{"fullUrl": f"urn:uuid:{composition}", "resource": head}]
    for record in [*([known] if known is not None else ()), *records.values()]:
        entries.append({"fullUrl": f"{base}/{reference_of(record)}", "resource": record})
    return {
        "resourceType": "Bundle", "id": bundle, "type": "document", "timestamp": at,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{bundle}"}, "entry": entries,
    }  # fmt: skip
