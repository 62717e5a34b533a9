"""The rows `signpost` of `$decide`: services of the directory that the person was told of (SMR-025)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careplan_service.domain.medication_review.composition import with_signpost
from careplan_service.domain.medication_review.signposting import Signpost
from tandem.database.connection import Connection
from tandem.directory.queries import place_named
from tandem.fhir.body import Resource
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_UNKNOWN = (
    "service is a Reference to a HealthcareService that is known here: HealthcareService/$support-offers finds them"
    " (000 §2.11, SMR-025)"
)


async def with_signposts(call: OperationCall, connection: Connection, composition: Resource) -> Resource:
    """The Composition with what each row says (parts `service`, `offer`, `note`). Raises FhirError 422, all at once."""
    rows = rows_asked(call, "signpost")
    for row in rows:
        signpost, note = await _said(row, connection), row.text("note", required=False)
        if signpost is not None and not row.issues:
            composition = with_signpost(composition, signpost.service, signpost.name, signpost.offer, note)
    refuse_faults(rows)
    return composition


async def _said(row: Part, connection: Connection) -> Signpost | None:
    value, offer = row.one("service", "a Reference to a HealthcareService"), row.text("offer", required=False)
    reference = value.get("reference") if isinstance(value, dict) else value
    if value is None:
        return None
    known = isinstance(reference, str) and reference.startswith("HealthcareService/")
    place = await place_named(connection, str(reference)) if known else None
    if place is None:
        row.fault("service", _UNKNOWN)
        return None
    provider = place.organisation.name if place.organisation is not None else None
    return Signpost(place.reference, place.name or provider or place.reference, offer)
