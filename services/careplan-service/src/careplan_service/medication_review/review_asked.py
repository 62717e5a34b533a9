"""The episode that an operation is asked about, as far as its caller may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from careplan_service.medication_review.episode_rows import EpisodeRow, episode_row
from tandem.database.connection import Connection
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.body import Resource
from tandem.fhir.etag import check_if_match
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_NOT_OPENED = (
    "This Composition is a record and no review that was opened here: CarePlan/$start-medication-review opens one"
)


@dataclass(frozen=True, slots=True)
class AskedReview:
    """The Composition with its row."""

    composition: Resource
    row: EpisodeRow


async def asked_review(call: OperationCall, connection: Connection, *, lock: bool = False) -> AskedReview:
    """The episode of the address. Raises FhirError 404, 412, and 422 for a Composition that is no episode."""
    assert call.id is not None, "declared on the instance"
    composition, held = await asked_resource(call, connection, lock=lock)
    check_if_match(call.request, held)
    row = await episode_row(connection, call.id)
    if row is None:
        raise FhirError(Kind.BUSINESS_RULE, _NOT_OPENED, expression="Composition.type")
    return AskedReview(composition, row)


async def review_under_way(call: OperationCall, connection: Connection, *, lock: bool = False) -> AskedReview:
    """The same, for an episode that is not completed. Raises FhirError 422 for one that is."""
    asked = await asked_review(call, connection, lock=lock)
    if asked.row.status != "preliminary":
        text = f"The review is {asked.row.status}: correct it with status amended, or begin a further episode"
        raise FhirError(Kind.BUSINESS_RULE, text, expression="Composition.status")
    return asked
